package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
	"github.com/kirimhooks/kirimhooks/signature"
)

// platform is the end that sends: one tenant with a subscription of each dialect.
type platform struct {
	sender   *sender.Sender
	org      *sender.Org
	kirim    sender.Subscription
	kirisan  sender.Subscription
	finished chan sender.Delivery
}

func newPlatform(ctx context.Context, url string, kirimSecret, kirisanSecret signature.Secret) (*platform, error) {
	p := &platform{finished: make(chan sender.Delivery, 256)}
	impatient := sender.Kirim() // nobody wants to watch for 24 hours
	impatient.Schedule = sender.Waits{20 * time.Millisecond, 40 * time.Millisecond, 80 * time.Millisecond}
	var err error
	p.sender, err = sender.New(memstore.New(), sender.Config{
		Contracts:    []sender.Contract{impatient, sender.Kirisan()},
		AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, // without it no delivery reaches this machine
		Logger:       slog.New(slog.DiscardHandler),                        // the story tells of dead letters itself
		Hooks:        sender.Hooks{Finished: func(_ context.Context, d sender.Delivery) { p.finished <- d }},
	})
	if err != nil {
		return nil, err
	}
	p.org = p.sender.Org("acme")
	p.kirim, _, err = p.org.Subscribe(ctx, sender.Subscription{URL: url, Events: []string{"*"}}, kirimSecret)
	if err != nil {
		return nil, err
	}
	p.kirisan, _, err = p.org.Subscribe(ctx, sender.Subscription{
		URL:      url,
		Contract: "kirisan",
		Events:   []string{"incoming_message", "submission", "message_status"},
		Devices: []sender.Device{
			{ID: "wa-3f9a10", Channel: "whatsapp"}, {ID: "tg-81c2e4", Channel: "telegram"}, {ID: "waba-7d1e55", Channel: "waba"},
		},
	}, kirisanSecret)
	return p, err
}

// deliver publishes an event that one subscription wants and waits for the end of its delivery.
func (p *platform) deliver(ctx context.Context, ev envelope.Event) (sender.Delivery, []sender.Attempt, error) {
	receipt, err := p.org.Publish(ctx, ev)
	if err != nil {
		return sender.Delivery{}, nil, err
	}
	if err := expect("the number of deliveries", receipt.Deliveries, 1); err != nil {
		return sender.Delivery{}, nil, err
	}
	return p.outcome(ctx)
}

// outcome waits for the next delivery that ends, and returns it with its attempts.
func (p *platform) outcome(ctx context.Context) (sender.Delivery, []sender.Attempt, error) {
	select {
	case d := <-p.finished:
		attempts, err := p.org.Attempts(ctx, d.ID)
		return d, attempts, err
	case <-ctx.Done():
		return sender.Delivery{}, nil, fmt.Errorf("waiting for a delivery to end: %w", context.Cause(ctx))
	}
}
