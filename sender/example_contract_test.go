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
	"github.com/kirimhooks/kirimhooks/signature"
)

// acmeScheme is how Acme signs: "Acme-Signature: t=<seconds>,v1=<hex>".
var acmeScheme = signature.Scheme{Header: "Acme-Signature", Payload: "{t}.{body}", Prefix: "v1=", Separator: ","}

// A dialect of one's own: a scheme that signs, two retries, and everything else as usual. The other end is
// receiver.Signed with the same scheme; a test of the sender gives sendertest.Endpoint.Check the scheme's Verify.
func ExampleContract() {
	contract := sender.Contract{
		Name: "acme", Sources: []envelope.Source{"acme"}, Reserved: []string{"Acme-"},
		Schedule: sender.Waits{time.Second, time.Minute},
		Sign: func(h http.Header, o sender.Outgoing) error {
			return acmeScheme.Sign(h, o.Event.ID, o.Event.Body, o.Now, o.Secrets...)
		},
	}
	s, err := sender.New(memstore.New(), sender.Config{Contracts: []sender.Contract{contract}})
	if err != nil {
		log.Fatal(err)
	}
	ctx, org := context.Background(), s.Org("shop")
	sub := sender.Subscription{URL: "https://example.com/hooks", Events: []string{"order.*"}}
	if _, _, err := org.Subscribe(ctx, sub); err != nil {
		log.Fatal(err)
	}
	event := envelope.Event{Source: "acme", Type: "order.paid", Body: []byte(`{"uid":"o-1","kind":"order.paid"}`)}
	receipt, err := org.Publish(ctx, event)
	fmt.Println(receipt.Deliveries, err)
	// Output:
	// 1 <nil>
}
