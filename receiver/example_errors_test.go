package receiver_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/receivertest"
	"github.com/kirimhooks/kirimhooks/signature"
)

// answerTo runs one event through a handler that returns err.
func answerTo(err error) *httptest.ResponseRecorder {
	secret := signature.NewSecret("whsec_0123456789abcdef")
	h, cfgErr := receiver.Handler(
		receiver.HandlerFunc(func(context.Context, *receiver.Event) error { return err }),
		receiver.Config{Dialects: []receiver.Dialect{receiver.Kirim(signature.NewKeyring(secret))}},
	)
	if cfgErr != nil {
		log.Fatal(cfgErr)
	}
	w := httptest.NewRecorder()
	ev := envelope.Event{Source: envelope.Kirim, Body: []byte(`{"id":"evt_1","type":"contact.created","data":{}}`)}
	h.ServeHTTP(w, receivertest.Kirim(new(testing.T), secret, ev))
	return w
}

// A retry would find the same customer missing.
func ExamplePermanent() {
	w := answerTo(receiver.Permanent(errors.New("customer unknown")))
	fmt.Println(w.Code, w.Body)
	// Output: 422 Unprocessable Entity
}

// The other system has said when it will be back.
func ExampleRetryAfter() {
	w := answerTo(receiver.RetryAfter(errors.New("CRM is down for maintenance"), 90*time.Second))
	fmt.Println(w.Code, w.Header().Get("Retry-After"))
	// Output: 503 90
}

// A verified body that does not decode into the type of its kind is an error of its own.
func ExampleMux_HandleEvent() {
	mux := receiver.NewMux()
	receiver.On(mux, kirim.ContactCreated, func(context.Context, *receiver.Event, kirim.ContactData) error { return nil })
	ev := envelope.Event{Source: envelope.Kirim, Type: kirim.TypeContactCreated, Body: []byte(`{"data":null}`)}
	err := mux.HandleEvent(context.Background(), &receiver.Event{Event: ev})
	fmt.Println(errors.Is(err, receiver.ErrDecode))
	// Output: true
}
