package receivertest_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/receivertest"
	"github.com/kirimhooks/kirimhooks/signature"
)

var (
	secret = signature.NewSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	native = envelope.Event{ID: "evt_1", Source: envelope.Kirim, Type: "a",
		Body: []byte(`{"id":"evt_1","type":"a","data":{}}`)}
	form = envelope.Event{Source: envelope.Kirisan, Type: "submission", Device: "6281",
		Body: []byte(`{"event":"submission","device":"6281"}`)}
	passed = envelope.Event{Source: envelope.Meta, Type: "message.received", ID: "wamid.1",
		Body: []byte(`{"entry":[{"changes":[{"field":"messages","value":{"messages":[{"id":"wamid.1"}]}}]}]}`)}
	other = envelope.Event{ID: "msg_1", Source: envelope.Standard, Type: "b", Body: []byte(`{"type":"b"}`)}
)

func serve(t testing.TB, events *[]receiver.Event, ds ...receiver.Dialect) http.Handler {
	h, err := receiver.Handler(receiver.HandlerFunc(func(_ context.Context, ev *receiver.Event) error {
		*events = append(*events, *ev)
		return nil
	}), receiver.Config{Dialects: ds, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	return h
}

func TestRequestsAreAccepted(t *testing.T) {
	keys := signature.NewKeyring(secret)
	for name, test := range map[string]struct {
		request func() *http.Request
		dialect receiver.Dialect
		want    envelope.Event
	}{
		"kirim":   {func() *http.Request { return receivertest.Kirim(t, secret, native) }, receiver.Kirim(keys), native},
		"passed":  {func() *http.Request { return receivertest.Kirim(t, secret, passed) }, receiver.Kirim(keys), passed},
		"kirisan": {func() *http.Request { return receivertest.Kirisan(t, secret, form) }, receiver.Kirisan(keys), form},
		"unsigned": {func() *http.Request { return receivertest.Kirisan(t, signature.Secret{}, form) },
			receiver.KirisanUnsigned(), form},
		"meta": {func() *http.Request { return receivertest.Meta(t, secret, passed.Body) }, receiver.Meta(keys, secret),
			passed},
		"standard": {func() *http.Request { return receivertest.Standard(t, secret, other) }, receiver.Standard(keys), other},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var events []receiver.Event
				w := httptest.NewRecorder()
				serve(t, &events, test.dialect).ServeHTTP(w, test.request())
				require.Equal(t, 200, w.Code)
				res, err := client(serve(t, &events, test.dialect).ServeHTTP).Do(test.request())
				require.NoError(t, err)
				require.Equal(t, 200, res.StatusCode)
				require.Len(t, events, 2)
				for _, ev := range events {
					require.Equal(t, test.want.ID, ev.ID)
					require.Equal(t, test.want.Type, ev.Type)
					require.Equal(t, test.want.Device, ev.Device)
					require.Equal(t, test.want.Source, ev.Source)
					require.Equal(t, test.want.Body, ev.Body)
				}
			})
		})
	}
}

func TestSignaturesAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var events []receiver.Event
		h := serve(t, &events, receiver.Kirim(signature.NewKeyring(secret)))
		r := receivertest.Kirim(t, secret, native)
		time.Sleep(signature.DefaultTolerance + time.Second)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		require.Equal(t, 401, w.Code)
	})
}

func TestKirisanAgents(t *testing.T) {
	require.Equal(t, "Kirisan-Webhook/1.0", receivertest.Kirisan(t, secret, form).UserAgent())
	test := form
	test.Test = true
	require.Equal(t, "Kirisan-Webhook-Test/1.0", receivertest.Kirisan(t, secret, test).UserAgent())
}

// fatal stands in for a test that is made wrongly.
type fatal struct {
	testing.TB
	said string
}

func (f *fatal) Helper()                           {}
func (f *fatal) Fatal(args ...any)                 { f.said = fmt.Sprint(args...); runtime.Goexit() }
func (f *fatal) Fatalf(format string, args ...any) { f.Fatal(fmt.Sprintf(format, args...)) }

func TestMisuseFails(t *testing.T) {
	var none signature.Secret
	for want, misuse := range map[string]func(testing.TB){
		"receivertest: the secret is empty": func(t testing.TB) { receivertest.Kirim(t, none, native) },
		"receivertest: the body is empty":   func(t testing.TB) { receivertest.Kirisan(t, none, envelope.Event{}) },
		"receivertest: signature: no usable secret configured": func(t testing.TB) {
			receivertest.Request(t, &signature.Scheme{Header: "S", Payload: "{body}"}, none, native)
		},
		"receivertest: the ID cannot be signed, or the secret is a public key: sign with the private one": func(
			t testing.TB,
		) {
			receivertest.Standard(t, signature.GenerateEd25519().Public(), native)
		},
		"receivertest: the event has no ID, which Standard Webhooks signs": func(t testing.TB) {
			receivertest.Standard(t,
				secret, native2())
		},
	} {
		f, done := new(fatal), make(chan struct{})
		go func() {
			defer close(done)
			misuse(f)
		}()
		<-done
		require.Equal(t, want, f.said)
	}
}

func native2() envelope.Event {
	ev := native
	ev.ID = ""
	return ev
}

// A test of one's own handlers.
func ExampleKirim() {
	t := new(testing.T) // the test's own
	secret := signature.GenerateSecret()
	mux := receiver.NewMux()
	receiver.On(mux, kirim.ContactCreated, func(_ context.Context, ev *receiver.Event, _ kirim.ContactData) error {
		fmt.Println("handled", ev.Type)
		return nil
	})
	h, err := receiver.Handler(mux, receiver.Config{Dialects: []receiver.Dialect{receiver.Kirim(signature.NewKeyring(secret))}})
	if err != nil {
		t.Fatal(err)
	}
	ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, receivertest.Kirim(t, secret, ev))
	fmt.Println(w.Code)
	// Output:
	// handled contact.created
	// 200
}

// A client and a handler in one process, without a network.
func ExampleTransport() {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusAccepted) })
	client := &http.Client{Transport: receivertest.Transport(h)}
	res, err := client.Get("http://anywhere.test/")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.Status)
	// Output: 202 Accepted
}
