package sender_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// endpoint is somebody's webhook endpoint.
func endpoint(answer http.HandlerFunc) (url string, close func()) {
	server := httptest.NewServer(answer)
	return server.URL, server.Close
}

// A sender keeps subscriptions, publishes events and delivers them until its context ends.
func Example() {
	arrived := make(chan string)
	url, shut := endpoint(func(w http.ResponseWriter, r *http.Request) { arrived <- r.Header.Get("X-Kirim-Event") })
	defer shut()

	s, err := sender.New(memstore.New(), sender.Config{AllowPrivate: loopback}) // a test endpoint is not public
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()

	acme := s.Org("acme")
	sub, secret, err := acme.Subscribe(ctx, sender.Subscription{URL: url, Events: []string{"contact.*"}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sub.Status, len(secret.Reveal()) > 32)
	ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{AcquisitionSource: "inbound"})
	if err != nil {
		log.Fatal(err)
	}
	receipt, err := acme.Publish(ctx, ev)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(receipt.Deliveries, <-arrived)

	stop() // a graceful shutdown: what is in flight ends
	fmt.Println(<-ended)
	// Output:
	// active true
	// 1 contact.created
	// <nil>
}
