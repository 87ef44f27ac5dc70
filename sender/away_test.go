package sender_test

import (
	"context"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// What the store could not do is an error, never an empty answer or a success.
func TestAStoreThatIsAwayIsAnError(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := &away{Store: memstore.New()}
		r := newRigOn(t, store, statuses(404), sender.Config{})
		sub, _ := r.subscribe(t, "https://example.com/", "*")
		r.subscribe(t, "https://example.com/another", "contact.deleted")
		ev := contactCreated(t)
		r.publish(t, ev)
		time.Sleep(time.Second)
		dead := r.only(t)
		r.stop()
		calls := callsOf(t.Context(), r.org, sub.ID, ev.ID, dead.ID)
		for method, names := range map[string][]string{
			"Event":      {"Event", "Explain"},
			"Deliveries": {"Delivery", "Deliveries", "Explain"},
			"Attempts":   {"Attempts"},
			"Minutes":    {"Minutes"},
			"Subscriptions": {
				"Subscription", "Subscriptions", "Subscribe", "Update", "Pause", "Resume", "RotateSecret", "Test",
				"Explain", "Match",
			},
			"PutSubscription":    {"Subscribe", "Update", "Pause", "RotateSecret"},
			"DeleteSubscription": {"Unsubscribe"},
			"Replay":             {"Replay", "ReplayAll"},
			"RetryNow":           {"RetryNow", "RetryAllNow"},
			"Cancel":             {"Cancel", "CancelAll"},
		} {
			store.method = method
			for _, name := range names {
				require.ErrorIs(t, calls[name](), errAway, "%s while %s fails", name, method)
			}
		}
	})
}

// callsOf is every call of an org that asks the store, by name.
func callsOf(ctx context.Context, o *sender.Org, sub, event, delivery string) map[string]func() error {
	return map[string]func() error{
		"Event":   func() error { _, err := o.Event(ctx, event); return err },
		"Explain": func() error { _, err := o.Explain(ctx, event); return err },
		"Match": func() error {
			body := []byte(`{"id":"evt_2","type":"a.b"}`)
			_, err := o.Match(ctx, envelope.Event{Source: envelope.Kirim, ID: "evt_2", Type: "a.b", Body: body})
			return err
		},
		"Delivery":      func() error { _, err := o.Delivery(ctx, delivery); return err },
		"Deliveries":    func() error { return firstError(o.Deliveries(ctx, sender.DeliveryQuery{})) },
		"Attempts":      func() error { _, err := o.Attempts(ctx, delivery); return err },
		"Minutes":       func() error { _, err := o.Minutes(ctx, sub, time.Hour); return err },
		"Subscription":  func() error { _, err := o.Subscription(ctx, sub); return err },
		"Subscriptions": func() error { return firstError(o.Subscriptions(ctx, sender.SubscriptionQuery{})) },
		"Subscribe": func() error {
			_, _, err := o.Subscribe(ctx, sender.Subscription{URL: "https://example.com/", Events: []string{"*"}})
			return err
		},
		"Update": func() error {
			_, err := o.Update(ctx, sub, func(s *sender.Subscription) { s.Rate++ })
			return err
		},
		"Pause":        func() error { return o.Pause(ctx, sub) },
		"Resume":       func() error { return o.Resume(ctx, sub) },
		"RotateSecret": func() error { _, err := o.RotateSecret(ctx, sub, sender.Rotation{Overlap: time.Hour}); return err },
		"Unsubscribe":  func() error { return o.Unsubscribe(ctx, sub) },
		"Test":         func() error { _, err := o.Test(ctx, sub, sender.TestRequest{}); return err },
		"Replay":       func() error { _, err := o.Replay(ctx, delivery); return err },
		"ReplayAll":    func() error { return firstError(o.ReplayAll(ctx, sender.DeliveryQuery{})) },
		"RetryNow":     func() error { return o.RetryNow(ctx, delivery) },
		"RetryAllNow":  func() error { return firstError(o.RetryAllNow(ctx, sender.DeliveryQuery{})) },
		"Cancel":       func() error { return o.Cancel(ctx, delivery) },
		"CancelAll":    func() error { return firstError(o.CancelAll(ctx, sender.DeliveryQuery{})) },
	}
}

func firstError[V any](seq iter.Seq2[V, error]) error {
	for _, err := range seq {
		if err != nil {
			return err
		}
	}
	return nil
}

// contested is a store in which somebody else always changes a subscription first.
type contested struct{ *memstore.Store }

func (c contested) PutSubscription(ctx context.Context, r driver.SubscriptionRecord) (int64, error) {
	if r.Version > 0 {
		return 0, driver.ErrConflict
	}
	return c.Store.PutSubscription(ctx, r)
}

// A change that was not made is told: a tenant who pauses or rotates must not believe that it is done.
func TestAChangeThatOthersAlwaysPrecedeIsAnError(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRigOn(t, contested{memstore.New()}, statuses(200), sender.Config{})
		sub, _ := r.subscribe(t, "https://example.com/", "*")
		calls := callsOf(t.Context(), r.org, sub.ID, "", "")
		for _, name := range []string{"Update", "Pause", "RotateSecret"} {
			require.ErrorIs(t, calls[name](), sender.ErrConflict, name)
		}
	})
}
