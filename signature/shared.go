package signature

import (
	"crypto/sha256"
	"crypto/subtle"
)

// Where nothing is signed, no signature is missing and no body is wrong.
var (
	errNoShared    = &sharedError{"signature: the request carries no secret", ErrMissing}
	errOtherShared = &sharedError{"signature: the request carries another secret", ErrMismatch}
)

type sharedError struct {
	text string
	err  error
}

func (e *sharedError) Error() string { return e.text }
func (e *sharedError) Unwrap() error { return e.err }

// VerifyShared checks a header that carries the secret itself, as Kirisan's X-Webhook-Secret does
// (https://docs.kirisan.com/docs/webhook/verification), and reports the index of the secret that matched. Such a header
// says who sends; it says nothing about the body.
//
// Every secret is compared, by SHA-256 and in constant time, so that the answer takes the same time whichever matched
// and however long it is. Errors: [ErrMissing], [ErrMismatch], [ErrNoSecret]. On an error the index is -1.
func VerifyShared(header string, secrets ...Secret) (matched int, err error) {
	if header == "" {
		return -1, errNoShared
	}
	var short [512]byte // []byte(header) would allocate
	digest := sha256.Sum256(append(short[:0], header...))
	matched, err = -1, ErrNoSecret
	for i, s := range secrets {
		m := s.shared()
		if m == nil {
			continue
		}
		err = errOtherShared
		matched = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(digest[:], m.digest[:]), i, matched)
	}
	if matched >= 0 {
		return matched, nil
	}
	return -1, err
}
