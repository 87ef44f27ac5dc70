package receivertest

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/signature"
)

// target is where requests are addressed to. It serves both ServeHTTP and an http.Client with Transport.
const target = "http://receiver.test/webhooks"

// Signer sets the headers that show who sends a request. A *[signature.Scheme] is one.
type Signer interface {
	Sign(h http.Header, id string, body []byte, now time.Time, secrets ...signature.Secret) error
}

// Request returns a delivery of ev by a sender of your own, signed now with secret. It fails the test if signer returns
// an error or ev.Body is empty.
func Request(t testing.TB, signer Signer, secret signature.Secret, ev envelope.Event) *http.Request {
	t.Helper()
	r := post(t, ev.Body, "")
	if err := signer.Sign(r.Header, ev.ID, ev.Body, time.Now(), secret); err != nil {
		t.Fatalf("receivertest: %v", err)
	}
	return r
}

// Kirim returns the first attempt of kirim.dev to deliver ev, signed now with s
// (https://developers.kirim.chat/webhooks/signing/). A retry is another call: X-Kirim-Delivery-Id differs, the event
// and its ID do not. It fails the test if s or ev.Body is empty.
func Kirim(t testing.TB, s signature.Secret, ev envelope.Event) *http.Request {
	t.Helper()
	needSecret(t, s)
	r := post(t, ev.Body, kirim.UserAgent)
	set(r, kirim.HeaderSource, string(ev.Source))
	set(r, kirim.HeaderEvent, ev.Type)
	set(r, kirim.HeaderEventID, ev.ID)
	set(r, kirim.HeaderDeliveryID, kirim.NewID("wbd_"))
	set(r, kirim.HeaderAttempt, "1")
	set(r, kirim.HeaderSignature, string(signature.SignKirim(nil, ev.Body, time.Now(), s)))
	return r
}

// Kirisan returns the delivery of ev by Kirisan (https://docs.kirisan.com/docs/webhook/verification), marked as a test
// if ev.Test is set. With the zero Secret it carries none, as Kirisan sends to endpoints without one. It fails the test
// if ev.Body is empty.
func Kirisan(t testing.TB, s signature.Secret, ev envelope.Event) *http.Request {
	t.Helper()
	agent := kirisan.UserAgent
	if ev.Test {
		agent = kirisan.UserAgentTest
	}
	r := post(t, ev.Body, agent)
	set(r, kirisan.HeaderEvent, ev.Type)
	set(r, kirisan.HeaderDevice, ev.Device)
	set(r, kirisan.HeaderSecret, s.Reveal())
	return r
}

// Meta returns a notification of Meta itself with body, signed with appSecret
// (https://developers.facebook.com/docs/graph-api/webhooks/getting-started). It fails the test if either is empty.
func Meta(t testing.TB, appSecret signature.Secret, body []byte) *http.Request {
	t.Helper()
	needSecret(t, appSecret)
	r := post(t, body, "facebookexternalua")
	set(r, signature.HeaderMeta, string(signature.SignMeta(nil, body, appSecret)))
	return r
}

// Standard returns a delivery of ev as Standard Webhooks has it, signed now with s
// (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md). It fails the test if s
// is not fit for that, or ev.ID or ev.Body is empty.
func Standard(t testing.TB, s signature.Secret, ev envelope.Event) *http.Request {
	t.Helper()
	if err := signature.CheckStandard(s); err != nil {
		t.Fatalf("receivertest: %v", err)
	}
	if ev.ID == "" {
		t.Fatal("receivertest: the event has no ID, which Standard Webhooks signs")
	}
	now := time.Now()
	r := post(t, ev.Body, "")
	set(r, signature.HeaderStandardID, ev.ID)
	set(r, signature.HeaderStandardTimestamp, strconv.FormatInt(now.Unix(), 10))
	signed := string(signature.SignStandard(nil, ev.ID, ev.Body, now, s))
	if signed == "" {
		t.Fatal("receivertest: the ID cannot be signed, or the secret is a public key: sign with the private one")
	}
	set(r, signature.HeaderStandardSignature, signed)
	return r
}

func needSecret(t testing.TB, s signature.Secret) {
	t.Helper()
	if s.IsZero() {
		t.Fatal("receivertest: the secret is empty")
	}
}

func post(t testing.TB, body []byte, agent string) *http.Request {
	t.Helper()
	if len(body) == 0 {
		t.Fatal("receivertest: the body is empty")
	}
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		t.Fatalf("receivertest: %v", err)
	}
	set(r, "Content-Type", "application/json")
	set(r, "User-Agent", agent)
	return r
}

func set(r *http.Request, name, value string) {
	if value != "" {
		r.Header.Set(name, value)
	}
}
