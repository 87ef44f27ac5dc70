package sender_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// Replay every dead letter since yesterday.
func ExampleOrg_ReplayAll() {
	var healthy atomic.Bool
	url, shut := endpoint(func(w http.ResponseWriter, r *http.Request) {
		if !healthy.Load() {
			w.WriteHeader(http.StatusNotFound) // a permanent answer
		}
	})
	defer shut()
	finished := make(chan sender.State, 10)
	s, err := sender.New(memstore.New(), sender.Config{AllowPrivate: loopback, Hooks: sender.Hooks{
		Finished: func(_ context.Context, d sender.Delivery) { finished <- d.State },
	}})
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	acme := s.Org("acme")
	sub, _, err := acme.Subscribe(ctx, sender.Subscription{URL: url, Events: []string{"*"}})
	if err != nil {
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
		fmt.Println(<-finished)
	}

	healthy.Store(true)
	q := sender.DeliveryQuery{Subscription: sub.ID, States: []sender.State{sender.StateDead},
		Since: time.Now().AddDate(0, 0, -1)}
	n := 0
	for _, err := range acme.ReplayAll(ctx, q) {
		if err != nil {
			log.Fatal(err)
		}
		n++
	}
	fmt.Println(n, "replayed:", <-finished, <-finished, <-finished)
	stop()
	<-ended
	// Output:
	// dead
	// dead
	// dead
	// 3 replayed: delivered delivered delivered
}
