package receiver_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"
	"testing"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/receivertest"
	"github.com/kirimhooks/kirimhooks/signature"
)

// Typed functions for the events of two senders.
func ExampleMux() {
	mux := receiver.NewMux()
	receiver.On(mux, kirim.ContactCreated, func(ctx context.Context, ev *receiver.Event, d kirim.ContactData) error {
		fmt.Println("contact", *d.Contact.Name)
		return nil
	})
	receiver.On(mux, meta.MessageReceived, func(ctx context.Context, ev *receiver.Event, n *meta.Notification) error {
		for line, m := range n.Messages() {
			fmt.Println("message on", line.PhoneNumberID, "from", m.From)
		}
		return nil
	})
	receiver.On(mux, kirisan.SubmissionEvent, func(ctx context.Context, ev *receiver.Event, s *kirisan.Submission) error {
		return receiver.Permanent(fmt.Errorf("form of %s is unknown", s.Device))
	})
	mux.Default(func(ctx context.Context, ev *receiver.Event) error {
		fmt.Println("something new:", ev.Source, ev.Type)
		return nil
	})

	forKirim, forKirisan := signature.NewSecret("whsec_0123456789abcdef"), signature.NewSecret("a word between us")
	h, err := receiver.Handler(mux, receiver.Config{Dialects: []receiver.Dialect{
		receiver.Kirim(signature.NewKeyring(forKirim)),
		receiver.Kirisan(signature.NewKeyring(forKirisan)),
	}})
	if err != nil {
		log.Fatal(err)
	}

	contact := envelope.Event{Source: envelope.Kirim,
		Body: []byte(`{"id":"evt_1","type":"contact.created","data":{"contact":{"name":"Sari"}}}`)}
	message := envelope.Event{Source: envelope.Meta,
		Body: []byte(`{"entry":[{"changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"1055"},"messages":[{"id":"wamid.1","from":"62811"}]}}]}]}`)}
	order := envelope.Event{Source: envelope.Kirim, Body: []byte(`{"id":"evt_2","type":"order.paid","data":{}}`)}
	body := []byte(`{"event":"submission","device":"6281","channel":"whatsapp"}`)
	form := envelope.Event{Source: envelope.Kirisan, Type: "submission", Body: body}
	t := new(testing.T)
	for _, ev := range []envelope.Event{contact, message, order} {
		h.ServeHTTP(httptest.NewRecorder(), receivertest.Kirim(t, forKirim, ev))
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, receivertest.Kirisan(t, forKirisan, form))
	fmt.Println(w.Code)
	// Output:
	// contact Sari
	// message on 1055 from 62811
	// something new: kirim order.paid
	// 422
}
