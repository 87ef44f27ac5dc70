package sender_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// chat is the contract of a chat's incoming webhooks: nothing is signed, since their URL is the secret.
func chat(name, member string) sender.Contract {
	return sender.Contract{
		Name: name, Sources: []envelope.Source{"shop"}, Secrets: sender.SecretRule{Optional: true},
		Sign: func(http.Header, sender.Outgoing) error { return nil },
		Render: func(ev envelope.Event) ([]byte, string, error) {
			var order struct{ Number, Total string }
			if err := json.Unmarshal(ev.Body, &order); err != nil {
				return nil, "", err
			}
			body, err := json.Marshal(map[string]string{member: "Order " + order.Number + " is paid: " + order.Total})
			return body, "", err
		},
	}
}

// printer stands for the chat: it prints what arrives.
type printer chan string

func (p printer) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	p <- r.URL.Host + " " + r.Header.Get("Content-Type") + " " + string(body)
	return &http.Response{StatusCode: 200, Body: http.NoBody}, err
}

// say publishes an event for one subscription of the contract.
func say(c sender.Contract, url string) {
	arrived := make(printer)
	s, err := sender.New(memstore.New(), sender.Config{Contracts: []sender.Contract{c}, Transport: arrived})
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go s.Run(ctx)
	org := s.Org("acme")
	sub := sender.Subscription{URL: url, Contract: c.Name, Events: []string{"order.paid"}}
	if _, _, err := org.Subscribe(ctx, sub); err != nil {
		log.Fatal(err)
	}
	body := []byte(`{"number":"A-17","total":"Rp 250.000"}`)
	if _, err := org.Publish(ctx, envelope.Event{Source: "shop", Type: "order.paid", Body: body}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(<-arrived)
}

// The same event in a channel of Slack (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks).
func ExampleContract_slack() {
	say(chat("slack", "text"), "https://hooks.slack.com/services/T0/B0/x")
	// Output: hooks.slack.com application/json {"text":"Order A-17 is paid: Rp 250.000"}
}

// And of Discord (https://discord.com/developers/docs/resources/webhook#execute-webhook).
func ExampleContract_discord() {
	say(chat("discord", "content"), "https://discord.com/api/webhooks/1/x")
	// Output: discord.com application/json {"content":"Order A-17 is paid: Rp 250.000"}
}
