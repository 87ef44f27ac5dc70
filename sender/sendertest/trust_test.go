package sendertest_test

import (
	"bytes"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/sendertest"
	"github.com/kirimhooks/kirimhooks/signature"
)

var (
	ours   = signature.NewSecret("whsec_dGhlLXNlY3JldC10aGF0LXdlLXRydXN0")
	pair   = signature.GenerateEd25519()
	theirs = signature.NewSecret("whsec_c29tZWJvZHktZWxzZSdzLXNlY3JldCEh")
)

const payload = `{"id":"evt_1"}`

func kirimHeader(at time.Time, body string, secrets ...signature.Secret) http.Header {
	return http.Header{
		"X-Kirim-Event":     {"contact.created"},
		"X-Kirim-Signature": {string(signature.SignKirim(nil, []byte(body), at, secrets...))},
	}
}

func standardHeader(secret signature.Secret) http.Header {
	now := time.Now()
	return http.Header{
		"Webhook-Id":        {"msg_1"},
		"Webhook-Timestamp": {strconv.FormatInt(now.Unix(), 10)},
		"Webhook-Signature": {string(signature.SignStandard(nil, "msg_1", []byte(payload), now, secret))},
	}
}

func TestTrust(t *testing.T) {
	now := time.Now()
	kirisan := func(secrets ...string) http.Header {
		return http.Header{"X-Kirisan-Event": {"incoming_message"}, "X-Webhook-Secret": secrets}
	}
	first, last := kirimHeader(now, payload, ours), kirisan(ours.Reveal())
	first.Set("X-Kirisan-Event", "incoming_message")
	last.Set("X-Kirim-Event", "contact.created")
	cases := []struct {
		name   string
		header http.Header
		wrong  string // "": nothing
	}{
		{"kirim", kirimHeader(now, payload, ours), ""},
		{"kirim, while secrets rotate", kirimHeader(now, payload, theirs, ours), ""},
		{"kirim, other secret", kirimHeader(now, payload, theirs), "no match"},
		{"kirim, other body", kirimHeader(now, "{}", ours), "no match"},
		{"kirim, signed an hour ago", kirimHeader(now.Add(-time.Hour), payload, ours), "too old"},
		{"kirim, not signed", http.Header{"X-Kirim-Event": {"contact.created"}}, "carries no signature"},
		{"kirim, signed twice", http.Header{
			"X-Kirim-Event":     {"contact.created"},
			"X-Kirim-Signature": {kirimHeader(now, payload, ours).Get("X-Kirim-Signature"), ""},
		}, "X-Kirim-Signature stands 2 times"},
		{"kirisan", kirisan(ours.Reveal()), ""},
		{"kirisan, other secret", kirisan(theirs.Reveal()), "carries another secret"},
		{"kirisan, no secret", kirisan(), "carries no secret"},
		{"kirisan, two secrets", kirisan(ours.Reveal(), theirs.Reveal()), "X-Webhook-Secret stands 2 times"},
		{"standard", standardHeader(ours), ""},
		{"standard, asymmetric", standardHeader(pair), ""},
		{"standard, other pair", standardHeader(signature.GenerateEd25519()), "no match"},
		{"standard, other secret", standardHeader(theirs), "no match"},
		{"standard, not signed", http.Header{"Webhook-Id": {"msg_1"}, "Webhook-Timestamp": {"1"}}, "carries no signature"},
		{"marks of two, the first signed", first, "carries no secret"},
		{"marks of two, the last signed", last, "carries no signature"},
		{"no marks", http.Header{}, "none of the headers"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			post := func(e *sendertest.Endpoint, t testing.TB) {
				r, err := http.NewRequest("POST", e.URL, bytes.NewBufferString(payload))
				require.NoError(t, err)
				r.Header = c.header
				resp, err := sendertest.Transport(t, e).RoundTrip(r)
				require.NoError(t, err)
				require.Equal(t, 418, resp.StatusCode, "the script goes on")
				require.NoError(t, resp.Body.Close())
			}
			s := watch(t, func(t testing.TB) {
				e := sendertest.NewEndpoint(t, sendertest.Status(418))
				e.Trust(ours, pair.Public())
				post(e, t)
			})
			if c.wrong == "" {
				require.Empty(t, s.failures)
			} else {
				require.Len(t, s.failures, 1)
				require.Contains(t, s.failures[0], "request 1 is not signed by a trusted secret: ")
				require.Contains(t, s.failures[0], c.wrong)
				require.NotContains(t, s.failures[0], ours.Reveal())
				require.NotContains(t, s.failures[0], theirs.Reveal())
			}
			s = watch(t, func(t testing.TB) {
				e := sendertest.NewEndpoint(t, sendertest.Status(418))
				post(e, t)
				e.Trust(ours)
				e.Trust()
				require.Empty(t, e.Requests()[1:])
			})
			require.Empty(t, s.failures, "nobody is trusted, nothing is checked")
		})
	}
}

func TestTrustReplaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := watch(t, func(t testing.TB) {
			e := sendertest.NewEndpoint(t)
			org := sendertest.New(t, sender.Config{}, e).Org("acme")
			sub, _, err := org.Subscribe(t.Context(), sender.Subscription{URL: e.URL, Events: []string{"*"}}, ours)
			require.NoError(t, err)
			e.Trust(ours)
			require.NoError(t, publishContact(org))
			e.RequireRequests(1)

			fresh, err := org.RotateSecret(t.Context(), sub.ID, sender.Rotation{Overlap: time.Hour})
			require.NoError(t, err)
			require.NoError(t, publishContact(org))
			e.RequireRequests(2)
			e.Trust(fresh)
			require.NoError(t, publishContact(org))
			e.RequireRequests(3)

			time.Sleep(2 * time.Hour)
			e.Trust(ours)
			require.NoError(t, publishContact(org))
			e.RequireRequests(4)
		})
		require.Len(t, s.failures, 1, "the old secret has expired")
		require.Contains(t, s.failures[0], "request 4")
	})
}

func TestTrustWantsASecret(t *testing.T) {
	s := watch(t, func(t testing.TB) { sendertest.NewEndpoint(t).Trust(ours, signature.Secret{}) })
	require.Len(t, s.failures, 1)
	require.Contains(t, s.failures[0], "secret 2 is empty")
}

// A dialect that Trust does not know brings its own rule; Trust afterwards replaces it.
func TestCheck(t *testing.T) {
	scheme := signature.Scheme{Header: "Acme-Signature", Payload: "{t}.{body}", Prefix: "v1=", Separator: ","}
	acme := sender.Contract{
		Name: "acme", Sources: []envelope.Source{"acme"},
		Sign: func(h http.Header, o sender.Outgoing) error {
			return scheme.Sign(h, o.Event.ID, o.Event.Body, o.Now, o.Secrets...)
		},
	}
	signedBy := func(secret signature.Secret) func(sendertest.Request) error {
		return func(r sendertest.Request) error {
			_, err := scheme.Verify(r.Header, r.Body, r.At, secret)
			return err
		}
	}
	synctest.Test(t, func(t *testing.T) {
		s := watch(t, func(t testing.TB) {
			e := sendertest.NewEndpoint(t)
			org := sendertest.New(t, sender.Config{Contracts: []sender.Contract{acme}}, e).Org("shop")
			_, _, err := org.Subscribe(t.Context(), sender.Subscription{URL: e.URL, Events: []string{"*"}}, ours)
			require.NoError(t, err)
			publish := func(n int) {
				event := envelope.Event{Source: "acme", Type: "order.paid", Body: []byte(`{}`)}
				_, err := org.Publish(t.Context(), event)
				require.NoError(t, err)
				e.RequireRequests(n)
			}
			e.Check(signedBy(ours))
			publish(1)
			e.Check(signedBy(signature.GenerateSecret()))
			publish(2)
			e.Check(nil)
			publish(3)
			e.Trust(ours)
			publish(4)
		})
		require.Len(t, s.failures, 2)
		require.Contains(t, s.failures[0], "request 2 is not signed by a trusted secret: ")
		require.Contains(t, s.failures[1], "request 4 is not signed by a trusted secret: it has none of the headers")
	})
}

func TestKirisan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := sendertest.NewEndpoint(t)
		e.Trust(ours)
		org := sendertest.New(t, sender.Config{Contracts: []sender.Contract{sender.Kirisan()}}, e).Org("acme")
		sub, _, err := org.Subscribe(t.Context(), sender.Subscription{
			URL: e.URL, Events: []string{"incoming_message"}, Devices: []sender.Device{{ID: "628111", Channel: "whatsapp"}},
		}, ours)
		require.NoError(t, err)
		attempt, err := org.Test(t.Context(), sub.ID, sender.TestRequest{})
		require.NoError(t, err)
		require.Equal(t, 200, attempt.StatusCode)
		require.Equal(t, "628111", e.RequireRequests(1)[0].Header.Get("X-Kirisan-Device"))
	})
}
