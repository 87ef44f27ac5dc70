// Package publish does what a stranger does first: subscribe, publish, and see a verified event arrive.
package publish

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"
	"net/netip"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/signature"
)

// Through publishes one event through a store and waits until it was handled.
func Through(ctx context.Context, store sender.Store) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	secret := signature.GenerateSecret()
	handled := make(chan string, 1)
	mux := receiver.NewMux()
	receiver.On(mux, kirim.ContactCreated, func(_ context.Context, ev *receiver.Event, _ kirim.ContactData) error {
		handled <- ev.ID
		return nil
	})
	endpoint, err := receiver.Handler(mux, receiver.Config{Dialects: []receiver.Dialect{receiver.Kirim(signature.NewKeyring(secret))}})
	check(err)
	server := httptest.NewServer(endpoint)
	defer server.Close()

	s, err := sender.New(store, sender.Config{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	check(err)
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- s.Run(running) }()
	_, _, err = s.Org("stranger").Subscribe(ctx, sender.Subscription{URL: server.URL, Events: []string{"*"}}, secret)
	check(err)
	ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{})
	check(err)
	receipt, err := s.Org("stranger").Publish(ctx, ev)
	check(err)
	select {
	case id := <-handled:
		if id != receipt.EventID {
			log.Fatalf("event %s arrived as %s", receipt.EventID, id)
		}
	case <-ctx.Done():
		log.Fatal("nothing arrived: ", ctx.Err())
	}
	stop()
	check(<-ended)
	fmt.Println("delivered", receipt.EventID)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
