package sender_test

import (
	"context"
	"fmt"
	"log"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// See how much waits, for a metric or a page of a console.
func ExampleOrg_Counts() {
	s, err := sender.New(memstore.New(), sender.Config{})
	if err != nil {
		log.Fatal(err)
	}
	ctx, acme := context.Background(), s.Org("acme")
	if _, _, err := acme.Subscribe(ctx, sender.Subscription{URL: "https://example.com/",
		Events: []string{"*"}}); err != nil {
		log.Fatal(err)
	}
	for range 3 {
		ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{})
		if err != nil {
			log.Fatal(err)
		}
		if _, err := acme.Publish(ctx, ev); err != nil {
			log.Fatal(err)
		}
	}
	counts, err := acme.Counts(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%+v\n", counts)
	// Output: {Due:3 Waiting:0 Held:0 Dead:0}
}
