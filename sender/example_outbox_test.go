package sender_test

import (
	"context"
	"fmt"
	"log"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// PublishTx publishes inside the transaction that makes the event true: a roll-back leaves nothing. With a database
// the transaction is the host's own; here a memory store lends one.
func ExampleOrg_PublishTx() {
	ctx := context.Background()
	store := memstore.New()
	s, err := sender.New(store, sender.Config{})
	if err != nil {
		log.Fatal(err)
	}
	acme := s.Org("acme")
	if _, _, err := acme.Subscribe(ctx, sender.Subscription{URL: "https://example.com/hooks",
		Events: []string{"*"}}); err != nil {
		log.Fatal(err)
	}
	for _, commit := range []bool{false, true} {
		tx := store.Begin()
		ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{})
		if err != nil {
			log.Fatal(err)
		}
		if _, err := acme.PublishTx(ctx, tx, ev); err != nil {
			log.Fatal(err)
		}
		if commit {
			err = tx.Commit()
		} else {
			err = tx.Rollback()
		}
		if err != nil {
			log.Fatal(err)
		}
		_, err = acme.Event(ctx, ev.ID)
		fmt.Println(commit, err == nil)
	}
	// Output:
	// false false
	// true true
}
