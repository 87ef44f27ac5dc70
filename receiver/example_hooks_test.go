package receiver_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"
	"testing"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/receivertest"
	"github.com/kirimhooks/kirimhooks/signature"
)

// The sender of a refused request learns the status alone; hooks learn why.
func ExampleHooks() {
	secret := signature.NewSecret("whsec_0123456789abcdef")
	h, err := receiver.Handler(receiver.NewMux(), receiver.Config{
		Dialects: []receiver.Dialect{receiver.Kirim(signature.NewKeyring(secret))},
		Hooks: receiver.Hooks{
			Rejected: func(_ context.Context, dialect string, err error) {
				var no *receiver.Rejection
				if errors.As(err, &no) {
					fmt.Println(dialect, no.Status, errors.Is(err, signature.ErrMismatch), errors.Is(err, receiver.ErrContradiction))
				}
			},
			Handled: func(_ context.Context, ev *receiver.Event, o receiver.Outcome) {
				fmt.Println(ev.ID, o.Status)
			},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	ev := envelope.Event{Source: envelope.Kirim, Body: []byte(`{"id":"evt_1","type":"contact.created","data":{}}`)}
	t := new(testing.T)
	h.ServeHTTP(httptest.NewRecorder(), receivertest.Kirim(t, secret, ev))
	h.ServeHTTP(httptest.NewRecorder(), receivertest.Kirim(t, signature.NewSecret("whsec_not the secret"), ev))
	ev.ID = "evt_2" // in the header, against the body
	h.ServeHTTP(httptest.NewRecorder(), receivertest.Kirim(t, secret, ev))
	// Output:
	// evt_1 200
	// kirim 401 true false
	// kirim 400 false true
}
