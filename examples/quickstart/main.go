// Command quickstart is a webhook from end to end, in one file to copy from. A platform publishes; the endpoint is busy
// at first, so that the event comes again; typed functions get what was verified, and a duplicate goes nowhere.
//
//	go run ./examples/quickstart
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
	"github.com/kirimhooks/kirimhooks/signature"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	secret := signature.GenerateSecret() // an endpoint of its own reads it from the environment: signature.ParseKeyring
	endpoint, err := newEndpoint(secret)
	if err != nil {
		log.Fatal(err)
	}
	go func() { log.Fatal(http.Serve(listener, endpoint)) }()
	if err := platform(ctx, "http://"+listener.Addr().String(), secret); err != nil {
		log.Fatal(err)
	}
}

// newEndpoint is the integrator's end: one function for each kind of event that it cares about.
func newEndpoint(secret signature.Secret) (http.Handler, error) {
	mux := receiver.NewMux()
	receiver.On(mux, kirim.ContactCreated, func(_ context.Context, ev *receiver.Event, d kirim.ContactData) error {
		if ev.Attempt == 1 {
			fmt.Println("endpoint: busy, answers 503")
			return receiver.RetryAfter(errors.New("busy"), time.Second)
		}
		fmt.Printf("endpoint: attempt %d, new contact %s\n", ev.Attempt, d.Contact.ID)
		return nil // the answer is 200, and the event never runs again
	})
	receiver.On(mux, kirisan.IncomingMessageEvent, func(
		_ context.Context, _ *receiver.Event, m *kirisan.IncomingMessage,
	) error {
		fmt.Printf("endpoint: %s writes %q\n", m.Sender.Name, m.Message.Text)
		return nil
	})
	keys := signature.NewKeyring(secret)
	return receiver.Handler(mux, receiver.Config{Dialects: []receiver.Dialect{receiver.Kirim(keys),
		receiver.Kirisan(keys)}})
}

// platform is the end that sends.
func platform(ctx context.Context, url string, secret signature.Secret) error {
	store := memstore.New() // sqlitestore.Open(ctx, "hooks.db", sqlitestore.Config{}) is durable
	dialect := sender.Kirim()
	dialect.Schedule = sender.Waits{100 * time.Millisecond} // Kirim's own retries take a day
	finished := make(chan sender.Delivery, 8)
	s, err := sender.New(store, sender.Config{
		Contracts:    []sender.Contract{dialect, sender.Kirisan()},
		AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, // this endpoint is on the loopback
		Hooks:        sender.Hooks{Finished: func(_ context.Context, d sender.Delivery) { finished <- d }},
	})
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- s.Run(running) }() // delivers until running is cancelled

	acme := s.Org("acme")
	_, _, err = acme.Subscribe(ctx, sender.Subscription{URL: url, Events: []string{"contact.*"}}, secret)
	if err != nil {
		return err
	}
	ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{Contact: kirim.Contact{ID: "ctc_1"}})
	if err != nil {
		return err
	}
	receipt, err := acme.Publish(ctx, ev) // nil: the event and its deliveries are stored
	if err != nil {
		return err
	}
	fmt.Printf("platform: published, %d delivery\n", receipt.Deliveries)
	d := <-finished
	fmt.Printf("platform: %s at attempt %d\n", d.State, d.Attempt)
	if receipt, err = acme.Publish(ctx, ev); err != nil {
		return err
	}
	fmt.Printf("platform: published again, duplicate: %t\n", receipt.Duplicate)

	sub, _, err := acme.Subscribe(ctx, sender.Subscription{URL: url, Contract: "kirisan",
		Events: []string{"incoming_message"}, Devices: []sender.Device{{ID: "wa-1", Channel: "whatsapp"}}}, secret)
	if err != nil {
		return err
	}
	attempt, err := acme.Test(ctx, sub.ID, sender.TestRequest{}) // a Kirisan endpoint becomes active by it
	if err != nil {
		return err
	}
	fmt.Printf("platform: the test was answered with %d\n", attempt.StatusCode)
	stop()
	return <-ended
}
