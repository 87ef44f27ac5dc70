package sender_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// Contracts are values: this is Kirim's with another bound on failing.
func ExampleKirim() {
	patient := sender.Kirim()
	patient.Disable = func(h sender.Health) bool { return h.ConsecutiveDead >= 100 }
	_, err := sender.New(memstore.New(), sender.Config{Contracts: []sender.Contract{patient}})
	fmt.Println(patient.Name, patient.Timeout, err)
	// Output:
	// kirim 10s <nil>
}

// One Sender may speak several dialects: each subscription has its own, and an event goes to those that carry its
// source.
func ExampleStandard() {
	url, shut := endpoint(func(_ http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"} {
			fmt.Println(name, r.Header.Get(name) != "")
		}
	})
	defer shut()
	ctx := context.Background()
	s, err := sender.New(memstore.New(), sender.Config{
		Contracts: []sender.Contract{sender.Kirim(), sender.Standard()}, AllowPrivate: loopback,
	})
	if err != nil {
		log.Fatal(err)
	}
	acme := s.Org("acme")
	sub, _, err := acme.Subscribe(ctx, sender.Subscription{URL: url, Contract: "standard", Events: []string{"invoice.*"}})
	if err != nil {
		log.Fatal(err)
	}
	receipt, err := acme.Publish(ctx, envelope.Event{
		Source: envelope.Standard, Body: []byte(`{"type":"invoice.paid","timestamp":"2026-07-02T00:00:00Z","data":{"id":1}}`),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(receipt.Deliveries)
	a, err := acme.Test(ctx, sub.ID, sender.TestRequest{}) // the event is delivered by Run, a test at once
	fmt.Println(a.StatusCode, err)
	// Output:
	// 1
	// Webhook-Id true
	// Webhook-Timestamp true
	// Webhook-Signature true
	// 200 <nil>
}

// New refuses what cannot work, all of it at once.
func ExampleNew() {
	_, err := sender.New(memstore.New(), sender.Config{Workers: -1, PerSubscription: -1})
	fmt.Println(err)
	// Output:
	// sender: Config.Workers: -1 is less than 1
	// sender: Config.PerSubscription: -1 is less than 1
}
