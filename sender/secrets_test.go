package sender_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
	"github.com/kirimhooks/kirimhooks/signature"
)

// xorSealer stands for a key management service.
type xorSealer struct{ broken atomic.Bool }

func (x *xorSealer) Seal(_ context.Context, org string, plain []byte) ([]byte, error) {
	return x.Open(context.Background(), org, plain)
}

func (x *xorSealer) Open(_ context.Context, _ string, sealed []byte) ([]byte, error) {
	if x.broken.Load() {
		return nil, errors.New("key service down")
	}
	out := bytes.Clone(sealed)
	for i := range out {
		out[i] ^= 0x55
	}
	return out, nil
}

func TestSealedAtRest(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store, sealer := memstore.New(), &xorSealer{}
		r := newRigOn(t, store, statuses(200), sender.Config{Sealer: sealer})
		sub, secret := r.subscribe(t, "https://example.com/", "*")
		records, err := store.Subscriptions(t.Context(), driver.SubscriptionQuery{Org: "acme"})
		require.NoError(t, err)
		require.NotContains(t, string(records[0].Sealed[0].Sealed), secret)
		r.publish(t, contactCreated(t))
		synctest.Wait()
		require.Equal(t, []string{secret}, signedBy(t, r.far.requests()[0], secret))

		// A key service that is down consumes no attempt.
		_, err = r.org.Update(t.Context(), sub.ID, func(s *sender.Subscription) { s.Name = "x" })
		require.NoError(t, err)
		sealer.broken.Store(true)
		receipt := r.publish(t, contactCreated(t))
		time.Sleep(10 * time.Minute)
		d := r.deliveries(t, sender.DeliveryQuery{EventID: receipt.EventID})[0]
		require.Equal(t, sender.StatePending, d.State)
		require.Zero(t, d.Attempt)
		sealer.broken.Store(false)
		time.Sleep(2 * time.Minute)
		require.Len(t, r.far.requests(), 2)
		_, err = r.org.RotateSecret(t.Context(), sub.ID, sender.Rotation{Overlap: time.Hour})
		require.NoError(t, err)
		sealer.broken.Store(true)
		_, err = r.org.RotateSecret(t.Context(), sub.ID, sender.Rotation{Overlap: time.Hour})
		require.ErrorContains(t, err, "key service down")
	})
}

// Opened secrets are kept, but not beyond a rotation: what has been sent with the old one before is sent with the new
// one at once. A subscription that has lost its secrets sends nothing rather than something unsigned.
func TestRotationOfASubscriptionInUse(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := memstore.New()
		r := newRigOn(t, store, statuses(200), sender.Config{})
		sub, first := r.subscribe(t, "https://example.com/", "*")
		send := func() int {
			r.publish(t, contactCreated(t))
			synctest.Wait()
			return len(r.far.requests())
		}
		require.Equal(t, 1, send())
		second, err := r.org.RotateSecret(t.Context(), sub.ID, sender.Rotation{})
		require.NoError(t, err)
		require.Equal(t, 2, send())
		require.Equal(t, []string{second.Reveal()}, signedBy(t, r.far.requests()[1], first, second.Reveal()))

		records, err := store.Subscriptions(t.Context(), driver.SubscriptionQuery{Org: "acme"})
		require.NoError(t, err)
		records[0].Sealed = nil
		_, err = store.PutSubscription(t.Context(), records[0])
		require.NoError(t, err)
		require.Equal(t, 2, send())
		require.Contains(t, r.logs.String(), "no active secret")
	})
}

// A secret of the host's own has 16 bytes at least and 512 at most, wherever it comes in.
func TestSecretsThatFit(t *testing.T) {
	s, err := sender.New(newHooked(), sender.Config{})
	require.NoError(t, err)
	org := s.Org("acme")
	sub, _, err := org.Subscribe(t.Context(), sender.Subscription{URL: "https://example.com/", Events: []string{"*"}})
	require.NoError(t, err)
	for length, fits := range map[int]bool{0: false, 1: false, 15: false, 16: true, 512: true, 513: false} {
		secret := signature.NewSecret(strings.Repeat("s", length))
		given := subscribe(t, org, sender.Subscription{URL: "https://example.com/", Events: []string{"*"}}, secret)
		_, rotated := org.RotateSecret(t.Context(), sub.ID, sender.Rotation{Secret: secret})
		for _, err := range []error{given, rotated} {
			if fits || length == 0 && err == rotated { // no secret: one is made
				require.NoError(t, err, length)
			} else {
				require.ErrorIs(t, err, sender.ErrInvalid, length)
			}
		}
	}
}

// What a file or a shell left around a secret is refused with a word, whatever the contract's own rule says.
func TestSecretsAsTheyWereShown(t *testing.T) {
	mine := sender.Standard()
	mine.Name, mine.Sources = "mine", []envelope.Source{"mine"}
	mine.Secrets.Check = func(signature.Secret) error { return nil }
	s, err := sender.New(newHooked(), sender.Config{Contracts: []sender.Contract{sender.Kirim(), sender.Kirisan(),
		sender.Standard(), mine}})
	require.NoError(t, err)
	org := s.Org("acme")
	const fine = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	for _, contract := range []string{"kirim", "kirisan", "standard", "mine"} {
		template := sender.Subscription{Contract: contract, URL: "https://example.com/", Events: []string{"*"}}
		if contract == "kirisan" {
			template.Events, template.Devices = []string{"incoming_message"}, []sender.Device{whatsapp}
		}
		sub, _, err := org.Subscribe(t.Context(), template, signature.NewSecret(fine))
		require.NoError(t, err)
		for _, mark := range []string{" ", "\n", `"`, "'", "\ufeff"} {
			for _, text := range []string{mark + fine, fine + mark, mark + fine + mark} {
				_, rotated := org.RotateSecret(t.Context(), sub.ID, sender.Rotation{Secret: signature.NewSecret(text)})
				for _, err := range []error{subscribe(t, org, template, signature.NewSecret(text)), rotated} {
					require.ErrorIs(t, err, sender.ErrInvalid, "%s %q", contract, text)
					require.ErrorContains(t, err, "secrets[0]: ")
					require.NotContains(t, err.Error(), fine)
				}
			}
		}
	}
	require.ErrorContains(t, subscribe(t, org,
		sender.Subscription{Contract: "standard", URL: "https://example.com/", Events: []string{"*"}},
		signature.NewSecret("whsec_YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=")), "fewer than 24 bytes")
}

// No secret, no body and no token of a URL appears in any log, error, JSON, print or row.
func TestNothingLeaks(t *testing.T) {
	bubble(t, func(t *testing.T) {
		const canary, token = "whsec_CANARY-CANARY-CANARY", "TOKEN-IN-THE-URL"
		secret := signature.NewSecret(canary)
		r := newRig(t, &farEnd{answer: func(n int, req *http.Request) (*http.Response, error) {
			switch n % 4 {
			case 0:
				return nil, fmt.Errorf("post %s: %v", req.URL, req.Header)
			case 1:
				resp := reply(500)
				resp.Body = io.NopCloser(strings.NewReader("you sent " + canary + " and \x00\xff"))
				return resp, nil
			case 2:
				return hang(req)
			}
			return reply(404), nil
		}}, sender.Config{})
		sub, _, err := r.org.Subscribe(t.Context(),
			sender.Subscription{URL: "https://example.com/?token=" + token, Events: []string{"*"}}, secret)
		require.NoError(t, err)
		var seen strings.Builder
		for range 30 {
			receipt := r.publish(t, contactCreated(t))
			time.Sleep(time.Hour)
			for _, d := range r.deliveries(t, sender.DeliveryQuery{EventID: receipt.EventID}) {
				fmt.Fprintf(&seen, "%+v %+v", d, r.attempts(t, d.ID))
			}
		}
		shown, err := r.org.Subscription(t.Context(), sub.ID)
		require.NoError(t, err)
		shown.URL = ""
		asJSON, err := json.Marshal(shown)
		require.NoError(t, err)
		_, err = r.org.RotateSecret(t.Context(), "wbs_unknown", sender.Rotation{Secret: secret})
		fmt.Fprintf(&seen, "%+v %s %v %+v", shown, asJSON, err, err)
		r.stop()
		fmt.Fprintf(&seen, "%v", r.Sender)
		seen.WriteString(r.logs.String())
		require.Contains(t, seen.String(), "[secret]", "the echo is masked")
		require.Contains(t, seen.String(), "delivery dead")
		for _, leak := range []string{canary, "CANARY", token, "ctc_1"} {
			require.NotContains(t, seen.String(), leak)
		}
	})
}

func TestLogOfAnAttemptIsOneLine(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, &farEnd{answer: func(int, *http.Request) (*http.Response, error) {
			resp := reply(200)
			resp.Body = io.NopCloser(strings.NewReader("line\r\nlevel=ERROR msg=forged\x1b[31m" + strings.Repeat("x", 1<<20)))
			return resp, nil
		}}, sender.Config{})
		r.subscribe(t, "https://example.com/", "*")
		r.publish(t, contactCreated(t))
		synctest.Wait()
		a := r.attempts(t, r.only(t).ID)[0]
		require.Len(t, a.Response, 1<<10)
		require.NotContains(t, r.logs.String(), "forged")
		r.stop()
		require.Equal(t, 1, strings.Count(r.logs.String(), "\n"))
		for _, key := range []string{"org=acme", "subscription=wbs_", "delivery=wbd_", "event=evt_", "type=contact.created",
			"attempt=1", "status=200"} {
			require.Contains(t, r.logs.String(), key)
		}
	})
}
