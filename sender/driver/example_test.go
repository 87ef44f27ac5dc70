package driver_test

import (
	"context"
	"fmt"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// watched is a store that tells of every event that was new. What it does not say is the other store's. Optional powers
// such as [driver.Waiter] do not come along by themselves: it would have to have them too.
type watched struct{ driver.Store }

// Enqueue answers what the other store does.
func (w watched) Enqueue(
	ctx context.Context, pubs []driver.Publication, r *driver.ClaimRequest,
) ([]driver.Enqueued, []driver.Claim, error) {
	results, claims, err := w.Store.Enqueue(ctx, pubs, r)
	for i, e := range results {
		if e.Err == nil && !e.Duplicate {
			fmt.Println(pubs[i].Org, pubs[i].Event.Type)
		}
	}
	return results, claims, err
}

// A store can stand before another one.
func ExampleStore() {
	s, err := sender.New(watched{memstore.New()}, sender.Config{})
	if err != nil {
		panic(err)
	}
	ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{Contact: kirim.Contact{ID: "ctc_1"}})
	if err != nil {
		panic(err)
	}
	for range 2 {
		if _, err := s.Org("acme").Publish(context.Background(), ev); err != nil {
			panic(err)
		}
	}
	// Output: acme contact.created
}
