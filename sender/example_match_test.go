package sender_test

import (
	"context"
	"fmt"
	"log"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// Ask who would get an event, and why not, without publishing it.
func ExampleOrg_Match() {
	s, err := sender.New(memstore.New(), sender.Config{})
	if err != nil {
		log.Fatal(err)
	}
	ctx, acme := context.Background(), s.Org("acme")
	if _, _, err := acme.Subscribe(ctx, sender.Subscription{URL: "https://example.com/",
		Events: []string{"message.*"}}); err != nil {
		log.Fatal(err)
	}
	ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{})
	if err != nil {
		log.Fatal(err)
	}
	explanations, err := acme.Match(ctx, ev)
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range explanations {
		fmt.Println(e.Result + ": " + e.Why)
	}
	// Output: filtered: it is not subscribed to contact.created
}
