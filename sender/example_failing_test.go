package sender_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// Write to the owner of an endpoint while there is time to mend it.
func ExampleHooks_failing() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	warned := make(chan string, 4)
	s, err := sender.New(memstore.New(), sender.Config{
		Transport: statuses(http.StatusNotFound), // an endpoint that refuses all
		Hooks: sender.Hooks{
			Failing: func(_ context.Context, sub sender.Subscription, h sender.Health, percent int) {
				warned <- fmt.Sprintf("%s has refused %d events: %d %% of the way", sub.URL, h.ConsecutiveDead, percent)
			},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	go s.Run(ctx)
	acme := s.Org("acme")
	sub := sender.Subscription{URL: "https://example.com/hooks", Events: []string{"*"}}
	if _, _, err := acme.Subscribe(ctx, sub); err != nil {
		log.Fatal(err)
	}
	for range 12 {
		ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{})
		if err != nil {
			log.Fatal(err)
		}
		if _, err := acme.Publish(ctx, ev); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(<-warned)
	// Output: https://example.com/hooks has refused 12 events: 50 % of the way
}
