package sender_test

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

var errAway = errors.New("the store is away")

// away is a memory store of which one method fails.
type away struct {
	*memstore.Store
	method string
}

func (a *away) fails(method string) error {
	if a.method == method {
		return errAway
	}
	return nil
}

func (a *away) PutSubscription(ctx context.Context, r driver.SubscriptionRecord) (int64, error) {
	if err := a.fails("PutSubscription"); err != nil {
		return 0, err
	}
	return a.Store.PutSubscription(ctx, r)
}

func (a *away) DeleteSubscription(ctx context.Context, org, id string) error {
	if err := a.fails("DeleteSubscription"); err != nil {
		return err
	}
	return a.Store.DeleteSubscription(ctx, org, id)
}

func (a *away) Subscriptions(ctx context.Context, q sender.SubscriptionQuery) ([]driver.SubscriptionRecord, error) {
	if err := a.fails("Subscriptions"); err != nil {
		return nil, err
	}
	return a.Store.Subscriptions(ctx, q)
}

func (a *away) Event(ctx context.Context, org, id string) (sender.StoredEvent, error) {
	if err := a.fails("Event"); err != nil {
		return sender.StoredEvent{}, err
	}
	return a.Store.Event(ctx, org, id)
}

func (a *away) Deliveries(ctx context.Context, q sender.DeliveryQuery) ([]sender.Delivery, error) {
	if err := a.fails("Deliveries"); err != nil {
		return nil, err
	}
	return a.Store.Deliveries(ctx, q)
}

func (a *away) Attempts(ctx context.Context, org, delivery string) ([]sender.Attempt, error) {
	if err := a.fails("Attempts"); err != nil {
		return nil, err
	}
	return a.Store.Attempts(ctx, org, delivery)
}

func (a *away) Minutes(ctx context.Context, org, sub string, back time.Duration) ([]sender.Minute, error) {
	if err := a.fails("Minutes"); err != nil {
		return nil, err
	}
	return a.Store.Minutes(ctx, org, sub, back)
}

func (a *away) Replay(ctx context.Context, r driver.ReplayRequest) ([]sender.Replayed, error) {
	if err := a.fails("Replay"); err != nil {
		return nil, err
	}
	return a.Store.Replay(ctx, r)
}

func (a *away) RetryNow(ctx context.Context, q sender.DeliveryQuery) ([]string, error) {
	if err := a.fails("RetryNow"); err != nil {
		return nil, err
	}
	return a.Store.RetryNow(ctx, q)
}

func (a *away) Cancel(ctx context.Context, q sender.DeliveryQuery) ([]sender.Cancelled, error) {
	if err := a.fails("Cancel"); err != nil {
		return nil, err
	}
	return a.Store.Cancel(ctx, q)
}

// What the store could not do is an error, never an empty answer or a success.
func TestAStoreThatIsAwayIsAnError(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ctx, store := t.Context(), &away{Store: memstore.New()}
		r := newRigOn(t, store, statuses(404), sender.Config{})
		sub, _ := r.subscribe(t, "https://example.com/", "*")
		r.subscribe(t, "https://example.com/another", "contact.deleted")
		ev := contactCreated(t)
		r.publish(t, ev)
		time.Sleep(time.Second)
		dead, o := r.only(t), r.org
		r.stop()
		calls := map[string]func() error{
			"Event":         func() error { _, err := o.Event(ctx, ev.ID); return err },
			"Explain":       func() error { _, err := o.Explain(ctx, ev.ID); return err },
			"Match":         func() error { _, err := o.Match(ctx, contactCreated(t)); return err },
			"Delivery":      func() error { _, err := o.Delivery(ctx, dead.ID); return err },
			"Deliveries":    func() error { return firstError(o.Deliveries(ctx, sender.DeliveryQuery{})) },
			"Attempts":      func() error { _, err := o.Attempts(ctx, dead.ID); return err },
			"Minutes":       func() error { _, err := o.Minutes(ctx, sub.ID, time.Hour); return err },
			"Subscription":  func() error { _, err := o.Subscription(ctx, sub.ID); return err },
			"Subscriptions": func() error { return firstError(o.Subscriptions(ctx, sender.SubscriptionQuery{})) },
			"Subscribe": func() error {
				_, _, err := o.Subscribe(ctx, sender.Subscription{URL: "https://example.com/", Events: []string{"*"}})
				return err
			},
			"Update":       func() error { _, err := o.Update(ctx, sub.ID, func(s *sender.Subscription) { s.Rate++ }); return err },
			"Pause":        func() error { return o.Pause(ctx, sub.ID) },
			"Resume":       func() error { return o.Resume(ctx, sub.ID) },
			"RotateSecret": func() error { _, err := o.RotateSecret(ctx, sub.ID, sender.Rotation{Overlap: time.Hour}); return err },
			"Unsubscribe":  func() error { return o.Unsubscribe(ctx, sub.ID) },
			"Test":         func() error { _, err := o.Test(ctx, sub.ID, sender.TestRequest{}); return err },
			"Replay":       func() error { _, err := o.Replay(ctx, dead.ID); return err },
			"ReplayAll":    func() error { return firstError(o.ReplayAll(ctx, sender.DeliveryQuery{})) },
			"RetryNow":     func() error { return o.RetryNow(ctx, dead.ID) },
			"RetryAllNow":  func() error { return firstError(o.RetryAllNow(ctx, sender.DeliveryQuery{})) },
			"Cancel":       func() error { return o.Cancel(ctx, dead.ID) },
			"CancelAll":    func() error { return firstError(o.CancelAll(ctx, sender.DeliveryQuery{})) },
		}
		for method, names := range map[string][]string{
			"Event":              {"Event", "Explain"},
			"Deliveries":         {"Delivery", "Deliveries", "Explain"},
			"Attempts":           {"Attempts"},
			"Minutes":            {"Minutes"},
			"Subscriptions":      {"Subscription", "Subscriptions", "Subscribe", "Update", "Pause", "Resume", "RotateSecret", "Test", "Explain", "Match"},
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

func firstError[V any](seq iter.Seq2[V, error]) error {
	for _, err := range seq {
		if err != nil {
			return err
		}
	}
	return nil
}
