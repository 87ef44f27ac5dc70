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

// spanKey stands for a tracer's own way to keep a span in a context.
type spanKey struct{}

// Tie each attempt to the request that published its event, whichever process makes it, and when.
func ExampleHooks_traceparent() {
	url, shut := endpoint(func(http.ResponseWriter, *http.Request) {})
	defer shut()
	finished := make(chan sender.State, 1)
	s, err := sender.New(memstore.New(), sender.Config{AllowPrivate: loopback, Hooks: sender.Hooks{
		Traceparent: func(ctx context.Context) string {
			span, _ := ctx.Value(spanKey{}).(string) // a tracer's propagator writes it here
			return span
		},
		AttemptStart: func(ctx context.Context, _ sender.Delivery, traceparent string) context.Context {
			fmt.Println("attempt of", traceparent) // a tracer begins a span here, linked to that one
			return ctx
		},
		Finished: func(_ context.Context, d sender.Delivery) { finished <- d.State },
	}})
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	acme := s.Org("acme")
	if _, _, err := acme.Subscribe(ctx, sender.Subscription{URL: url, Events: []string{"*"}}); err != nil {
		log.Fatal(err)
	}
	ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{})
	if err != nil {
		log.Fatal(err)
	}
	request := context.WithValue(ctx, spanKey{}, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	if _, err := acme.Publish(request, ev); err != nil {
		log.Fatal(err)
	}
	fmt.Println(<-finished)
	stop()
	<-ended
	// Output:
	// attempt of 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
	// delivered
}
