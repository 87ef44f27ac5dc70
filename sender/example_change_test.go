package sender_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"sync/atomic"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// An endpoint was mended: what waits for a retry need not wait any longer.
func ExampleOrg_RetryAllNow() {
	var healthy atomic.Bool
	url, shut := endpoint(func(w http.ResponseWriter, r *http.Request) {
		if !healthy.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	defer shut()
	made := make(chan sender.Attempt, 1)
	s, err := sender.New(memstore.New(), sender.Config{AllowPrivate: loopback, Hooks: sender.Hooks{
		AttemptDone: func(_ context.Context, _ sender.Delivery, a sender.Attempt) { made <- a },
	}})
	if err != nil {
		log.Fatal(err)
	}
	// runs until an attempt was made and written down
	run := func() {
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error)
		go func() { ended <- s.Run(ctx) }()
		a := <-made
		stop()
		<-ended
		fmt.Println("attempt", a.N, "status", a.StatusCode)
	}
	ctx, acme := context.Background(), s.Org("acme")
	sub, _, err := acme.Subscribe(ctx, sender.Subscription{URL: url, Events: []string{"*"}})
	if err != nil {
		log.Fatal(err)
	}
	ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := acme.Publish(ctx, ev); err != nil {
		log.Fatal(err)
	}
	run()
	healthy.Store(true)
	for _, err := range acme.RetryAllNow(ctx, sender.DeliveryQuery{Subscription: sub.ID}) {
		if err != nil {
			log.Fatal(err)
		}
	}
	run()
	// Output:
	// attempt 1 status 503
	// attempt 2 status 200
}

// An event of yesterday's sale must not go out any more.
func ExampleOrg_Cancel() {
	s, err := sender.New(memstore.New(), sender.Config{})
	if err != nil {
		log.Fatal(err)
	}
	ctx, acme := context.Background(), s.Org("acme")
	if _, _, err := acme.Subscribe(ctx, sender.Subscription{URL: "https://example.com/hook",
		Events: []string{"*"}}); err != nil {
		log.Fatal(err)
	}
	ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{})
	if err != nil {
		log.Fatal(err)
	}
	receipt, err := acme.Publish(ctx, ev)
	if err != nil {
		log.Fatal(err)
	}
	for d, err := range acme.Deliveries(ctx, sender.DeliveryQuery{EventID: receipt.EventID}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(d.State)
		if err := acme.Cancel(ctx, d.ID); err != nil {
			log.Fatal(err)
		}
		d, err := acme.Delivery(ctx, d.ID)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(d.State)
		fmt.Println(d.Reason)
		fmt.Println(errors.Is(acme.Cancel(ctx, d.ID), sender.ErrConflict))
	}
	// Output:
	// pending
	// cancelled
	// cancelled by its owner
	// true
}
