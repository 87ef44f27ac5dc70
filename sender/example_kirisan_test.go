package sender_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// A Kirisan endpoint: save, test, active.
func ExampleKirisan() {
	url, shut := endpoint(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(r.UserAgent(), r.Header.Get("X-Kirisan-Event"), r.Header.Get("X-Kirisan-Device"))
	})
	defer shut()
	ctx := context.Background()
	s, err := sender.New(memstore.New(), sender.Config{Contracts: []sender.Contract{sender.Kirisan()},
		AllowPrivate: loopback})
	if err != nil {
		log.Fatal(err)
	}
	org := s.Org("toko")
	sub, _, err := org.Subscribe(ctx, sender.Subscription{
		Name: "CRM", URL: url,
		Devices: []sender.Device{{ID: "62851", Channel: "whatsapp"}, {ID: "bot:1", Channel: "telegram"}},
		Events:  []string{"incoming_message", "submission"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sub.Status)
	a, err := org.Test(ctx, sub.ID, sender.TestRequest{})
	if err != nil {
		log.Fatal(err)
	}
	sub, err = org.Subscription(ctx, sub.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(a.StatusCode, sub.Status)
	ev, err := kirisan.NewEvent(kirisan.SubmissionEvent, &kirisan.Submission{Device: "62851", Channel: "whatsapp"})
	if err != nil {
		log.Fatal(err)
	}
	receipt, err := org.Publish(ctx, ev) // delivered by Run
	fmt.Println(receipt.Deliveries, err)
	// Output:
	// pending_test
	// Kirisan-Webhook-Test/1.0 incoming_message 62851
	// 200 active
	// 1 <nil>
}
