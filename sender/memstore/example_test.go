package memstore_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// Programs give the store to sender.New and never call it. This is what a sender does with it.
func ExampleNew() {
	ctx := context.Background()
	store := memstore.New()
	if _, err := store.PutSubscription(ctx, driver.SubscriptionRecord{
		Subscription: driver.Subscription{ID: "wbs_1", Org: "acme", URL: "https://example.com/hooks",
			Status: driver.StatusActive},
		Topics: []string{"contact.created"},
	}); err != nil {
		log.Fatal(err)
	}
	results, _, err := store.Enqueue(ctx, []driver.Publication{{
		Org:    "acme",
		Event:  envelope.Event{ID: "evt_1", Source: envelope.Kirim, Type: "contact.created", Body: []byte(`{}`)},
		Topics: []string{"contact.created"},
	}}, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("deliveries:", results[0].Deliveries)

	claims, err := store.Claim(ctx, driver.ClaimRequest{Limit: 10, PerSubscription: 10, Lease: 30 * time.Second})
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range claims.Claims {
		fmt.Println("attempt", c.Delivery.Attempt+1, "of", c.Event.Event.ID, "to", c.Subscription.URL)
		settled, err := store.Settle(ctx, []driver.Outcome{{
			Org: c.Delivery.Org, DeliveryID: c.Delivery.ID, Token: c.Token, EventID: c.Delivery.EventID,
			Subscription: c.Delivery.SubscriptionID, Ref: c.Ref, State: driver.StateDelivered,
			Attempt: &driver.Attempt{N: c.Delivery.Attempt + 1, StatusCode: 200},
		}})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("applied:", settled[0].Applied)
	}
	// Output:
	// deliveries: 1
	// attempt 1 of evt_1 to https://example.com/hooks
	// applied: true
}
