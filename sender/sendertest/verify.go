package sendertest

import (
	"errors"
	"fmt"
	"time"

	"github.com/kirimhooks/kirimhooks/signature"
)

// schemes are the ways to sign, each with the header that marks its requests, whether signed or not.
var schemes = [...]struct {
	mark    string
	headers []string
	verify  func(r *Request, now time.Time, secrets []signature.Secret) (int, error)
}{
	{"X-Kirim-Event", []string{"X-Kirim-Signature"}, func(r *Request, now time.Time, secrets []signature.Secret) (int, error) {
		return signature.VerifyKirim(r.Header.Get("X-Kirim-Signature"), r.Body, now, 0, secrets...)
	}},
	{"X-Kirisan-Event", []string{"X-Webhook-Secret"}, func(r *Request, _ time.Time, secrets []signature.Secret) (int, error) {
		return signature.VerifyShared(r.Header.Get("X-Webhook-Secret"), secrets...)
	}},
	{"Webhook-Id", []string{"Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"}, func(r *Request, now time.Time, secrets []signature.Secret) (int, error) {
		h := r.Header
		return signature.VerifyStandard(h.Get("Webhook-Id"), h.Get("Webhook-Timestamp"), h.Get("Webhook-Signature"), r.Body, now, 0, secrets...)
	}},
}

var errUnmarked = errors.New("it has none of the headers X-Kirim-Event, X-Kirisan-Event and Webhook-Id")

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
