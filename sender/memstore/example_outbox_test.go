package memstore_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// A function that changes a row and tells of it in one transaction is tested without a database: what it enqueued is
// there if it committed, and only then.
func ExampleTx() {
	ctx := context.Background()
	store := memstore.New()
	_, err := store.PutSubscription(ctx, driver.SubscriptionRecord{
		Subscription: sender.Subscription{ID: "wbs_1", Org: "acme", URL: "https://example.com/hooks",
			Status: sender.StatusActive},
		Topics: []string{"contact.created"},
	})
	if err != nil {
		log.Fatal(err)
	}
	createContact := func(tx *memstore.Tx, name string) error {
		defer tx.Rollback()
		_, _, err := tx.Enqueue(ctx, []driver.Publication{{
			Org:    "acme",
			Event:  envelope.Event{ID: "evt_" + name, Source: envelope.Kirim, Type: "contact.created", Body: []byte(`{}`)},
			Topics: []string{"contact.created"},
		}}, nil)
		if err != nil {
			return err
		}
		if name == "nobody" {
			return errors.New("a contact needs a name")
		}
		return tx.Commit()
	}
	fmt.Println(createContact(store.Begin(), "nobody"))
	fmt.Println(createContact(store.Begin(), "budi"))

	deliveries, err := store.Deliveries(ctx, sender.DeliveryQuery{Org: "acme"})
	if err != nil {
		log.Fatal(err)
	}
	for _, d := range deliveries {
		fmt.Println(d.EventID, d.SubscriptionID, d.State)
	}
	// Output:
	// a contact needs a name
	// <nil>
	// evt_budi wbs_1 pending
}
