package receiver_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http/httptest"
	"testing"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/receivertest"
	"github.com/kirimhooks/kirimhooks/signature"
)

// Any sender that follows Standard Webhooks.
func ExampleStandard() {
	type user struct {
		Data struct{ Email string }
	}
	created := envelope.NewKind(envelope.Standard, "user.created", func(body []byte) (u user, err error) {
		return u, json.Unmarshal(body, &u)
	})
	mux := receiver.NewMux()
	receiver.On(mux, created, func(_ context.Context, ev *receiver.Event, u user) error {
		fmt.Println(ev.ID, u.Data.Email)
		return nil
	})
	secret := signature.NewSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	h, err := receiver.Handler(mux, receiver.Config{
		Dialects: []receiver.Dialect{receiver.Standard(signature.NewKeyring(secret))},
	})
	if err != nil {
		log.Fatal(err)
	}
	ev := envelope.Event{ID: "msg_1", Body: []byte(`{"type":"user.created","timestamp":"2026-07-01T00:00:00Z","data":{"email":"sari@example.com"}}`)}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, receivertest.Standard(new(testing.T), secret, ev))
	fmt.Println(w.Code)
	// Output:
	// msg_1 sari@example.com
	// 200
}

// A sender that signs with Ed25519 gives away a public key, with which nobody can sign.
func ExampleStandard_publicKey() {
	private := signature.GenerateEd25519() // at the sender
	keys := signature.NewKeyring(signature.NewSecret(private.Public().Reveal()))
	h, err := receiver.Handler(receiver.HandlerFunc(func(_ context.Context, ev *receiver.Event) error {
		fmt.Println(ev.ID, ev.Type)
		return nil
	}), receiver.Config{Dialects: []receiver.Dialect{receiver.Standard(keys)}})
	if err != nil {
		log.Fatal(err)
	}
	ev := envelope.Event{ID: "msg_1", Body: []byte(`{"type":"user.created","data":{}}`)}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, receivertest.Standard(new(testing.T), private, ev))
	fmt.Println(w.Code)
	// Output:
	// msg_1 user.created
	// 200
}
