package sendertest

import (
	"fmt"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/signature"
)

var standard = []string{
	signature.HeaderStandardID, signature.HeaderStandardTimestamp, signature.HeaderStandardSignature,
}

// schemes are the ways to sign, each with the header that marks its requests, whether signed or not.
var schemes = [...]struct {
	mark    string
	headers []string
	verify  func(r *Request, now time.Time, secrets []signature.Secret) (int, error)
}{
	{kirim.HeaderEvent, []string{kirim.HeaderSignature}, func(
		r *Request, now time.Time, secrets []signature.Secret,
	) (int, error) {
		return signature.VerifyKirim(r.Header.Get(kirim.HeaderSignature), r.Body, now, 0, secrets...)
	}},
	{kirisan.HeaderEvent, []string{kirisan.HeaderSecret}, func(
		r *Request, _ time.Time, secrets []signature.Secret,
	) (int, error) {
		return signature.VerifyShared(r.Header.Get(kirisan.HeaderSecret), secrets...)
	}},
	{signature.HeaderStandardID, standard, func(r *Request, now time.Time, secrets []signature.Secret) (int, error) {
		h := r.Header
		return signature.VerifyStandard(h.Get(standard[0]), h.Get(standard[1]), h.Get(standard[2]), r.Body, now, 0,
			secrets...)
	}},
}

var errUnmarked = fmt.Errorf("it has none of the headers %s, %s and %s",
	kirim.HeaderEvent, kirisan.HeaderEvent, signature.HeaderStandardID)

// verify checks r in every scheme whose mark it has.
func verify(r *Request, secrets []signature.Secret) error {
	err := errUnmarked
	for _, s := range schemes {
		if len(r.Header.Values(s.mark)) == 0 {
			continue
		}
		for _, name := range s.headers {
			if n := len(r.Header.Values(name)); n > 1 {
				return fmt.Errorf("header %s stands %d times", name, n)
			}
		}
		if _, err = s.verify(r, r.At, secrets); err != nil {
			return err
		}
	}
	return err
}
