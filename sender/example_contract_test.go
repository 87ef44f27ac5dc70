package sender_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// A dialect of one's own: a bare token in a header, two retries, and everything else as usual.
func ExampleContract() {
	contract := sender.Contract{
		Name: "acme", Sources: []envelope.Source{"acme"}, Reserved: []string{"X-Acme-"},
		Schedule: sender.Waits{time.Second, time.Minute},
		Secrets:  sender.SecretRule{Single: true},
		Sign: func(h http.Header, o sender.Outgoing) error {
			h.Set("X-Acme-Kind", o.Event.Type)
			h.Set("X-Acme-Token", o.Secrets[0].Reveal())
			return nil
		},
	}
	s, err := sender.New(memstore.New(), sender.Config{Contracts: []sender.Contract{contract}})
	if err != nil {
		log.Fatal(err)
	}
	org := s.Org("shop")
	if _, _, err := org.Subscribe(context.Background(), sender.Subscription{URL: "https://example.com/hooks", Events: []string{"order.*"}}); err != nil {
		log.Fatal(err)
	}
	receipt, err := org.Publish(context.Background(), envelope.Event{Source: "acme", Type: "order.paid", Body: []byte(`{"kind":"order.paid"}`)})
	fmt.Println(receipt.Deliveries, err)
	// Output:
	// 1 <nil>
}
