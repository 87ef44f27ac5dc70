package receiver

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/signature"
)

// Signed returns the dialect of a sender that signs by s, with any secret of keys. The headers that s names mark its
// requests and may stand once each. parse is the Dialect's Parse. Set what else differs from the defaults of [Dialect]
// in the result.
//
// All secrets must pass [signature.CheckSecret]. One whose whole text is the key needs at least 16 bytes, or [Handler]
// returns an error. A shorter one that [signature.Keyring.Replace] brings in later verifies nothing. Public keys verify
// where s has an Ed25519Prefix; private ones are refused.
func Signed(
	name string, s signature.Scheme, keys *signature.Keyring,
	parse func(r Request) (ev envelope.Event, key string, err error),
) Dialect {
	d := Dialect{
		Name: name,
		Verify: func(r Request, now time.Time) (int, error) {
			secrets := keys.Secrets()
			matched, err := s.Verify(r.Header, r.Body, now, secrets...)
			if s.Base64Key {
				return matched, err
			}
			return byKey(secrets, matched, err)
		},
		Parse: parse,
		Check: func() error {
			if err := checkSecrets(keys, func(secret signature.Secret) error { return verifies(s, secret) }); err != nil {
				return err
			}
			other := signature.GenerateSecret()
			return s.Sign(make(http.Header), "id", nil, time.Unix(0, 0), other) // tells what is wrong with s
		},
	}
	for _, header := range []string{s.Header, s.TimeHeader, s.IDHeader} {
		if header != "" {
			d.Marks = append(d.Marks, header)
		}
	}
	d.Once = d.Marks
	return d
}

var (
	errSymmetric = errors.New("a public or private key (whpk_, whsk_), and the Scheme has no Ed25519Prefix")
	errKnown     = errors.New("a public key (whpk_) is no secret to share")
)

func verifies(s signature.Scheme, secret signature.Secret) error {
	switch asymmetric := !secret.Public().IsZero(); {
	case asymmetric && s.Ed25519Prefix != "":
		return verifiesStandard(secret)
	case asymmetric && s.Base64Key:
		return errSymmetric
	case s.Base64Key:
		return signature.CheckStandard(secret)
	}
	return isSecretKey(secret)
}

var errNoSecret = errors.New("no secret: give a keyring that holds at least one")

// checkSecrets is the Check of the dialects that have a keyring.
func checkSecrets(keys *signature.Keyring, fits func(signature.Secret) error) error {
	if keys == nil || len(keys.Secrets()) == 0 {
		return errNoSecret
	}
	for i, s := range keys.Secrets() {
		err := fits(s)
		if err == nil {
			err = signature.CheckSecret(s)
		}
		if err != nil {
			return fmt.Errorf("secret %d: %w", i, err)
		}
	}
	return nil
}

// minKey is how many bytes a secret needs whose whole text is the key of a MAC. Fewer can be guessed, or are a setting
// that was cut short.
const minKey = 16

// isSecretKey is isKey for a secret that both ends know, and nobody else.
func isSecretKey(s signature.Secret) error {
	if s.IsPublic() {
		return errKnown
	}
	return isKey(s)
}

func isKey(s signature.Secret) error {
	if n := len(s.Reveal()); n < minKey {
		return fmt.Errorf("%d bytes, at least %d are needed", n, minKey)
	}
	return nil
}

// byKey is what Verify returns of a MAC that matched. A secret that came in later, by Replace, proves no more than one
// that was there when the handler was made.
func byKey(secrets []signature.Secret, matched int, err error) (int, error) {
	if err != nil {
		return -1, err
	}
	if err := isKey(secrets[matched]); err != nil {
		return -1, fmt.Errorf("%w: secret %d: %w", signature.ErrNoSecret, matched, err)
	}
	return matched, nil
}
