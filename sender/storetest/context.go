package storetest

import (
	"context"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func contextCases() []func(*world) {
	return []func(*world){aCancelledContextEndsEveryCall, anExpiredContextEndsEveryCall}
}

// calls is every method of a store, with arguments that would change something if it ran.
func (w *world) calls(c driver.Claim) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"Enqueue": func(ctx context.Context) error {
			_, _, err := w.Enqueue(ctx, []driver.Publication{publication(acme, "new", "x")}, nil)
			return err
		},
		"Claim": func(ctx context.Context) error { _, err := w.Claim(ctx, request(10)); return err },
		"Settle": func(ctx context.Context) error {
			_, err := w.Settle(ctx, []driver.Outcome{outcome(c, driver.StateDelivered, attempt(1, 200))})
			return err
		},
		"PutSubscription": func(ctx context.Context) error {
			_, err := w.PutSubscription(ctx, record(acme, "new", "x"))
			return err
		},
		"DeleteSubscription": func(ctx context.Context) error { return w.DeleteSubscription(ctx, acme, "a") },
		"Subscriptions": func(ctx context.Context) error {
			_, err := w.Subscriptions(ctx, driver.SubscriptionQuery{Org: acme})
			return err
		},
		"Event": func(ctx context.Context) error { _, err := w.Event(ctx, acme, "evt_1"); return err },
		"Deliveries": func(ctx context.Context) error {
			_, err := w.Deliveries(ctx, driver.DeliveryQuery{Org: acme})
			return err
		},
		"Attempts": func(ctx context.Context) error { _, err := w.Attempts(ctx, acme, c.Delivery.ID); return err },
		"Replay": func(ctx context.Context) error {
			_, err := w.Replay(ctx, driver.ReplayRequest{DeliveryQuery: driver.DeliveryQuery{Org: acme}})
			return err
		},
		"RetryNow": func(ctx context.Context) error {
			_, err := w.RetryNow(ctx, driver.DeliveryQuery{Org: acme})
			return err
		},
		"Cancel":  func(ctx context.Context) error { _, err := w.Cancel(ctx, driver.DeliveryQuery{Org: acme}); return err },
		"Purge":   func(ctx context.Context) error { _, err := w.Purge(ctx, keepAll()); return err },
		"Minutes": func(ctx context.Context) error { _, err := w.Minutes(ctx, acme, "a", time.Hour); return err },
	}
}

func aCancelledContextEndsEveryCall(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	c := w.one()
	ctx, cancel := context.WithCancel(w.ctx)
	cancel()
	for name, call := range w.calls(c) {
		require.ErrorIs(w, call(ctx), context.Canceled, name)
	}
	require.Equal(w, driver.StatePending, w.only("evt_1").State)
	w.subscription(acme, "a")
	w.settle(outcome(c, driver.StateDelivered, attempt(1, 200)))
}

func anExpiredContextEndsEveryCall(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	c := w.one()
	ctx, cancel := context.WithDeadline(w.ctx, time.Now().Add(-time.Second))
	defer cancel()
	for name, call := range w.calls(c) {
		require.ErrorIs(w, call(ctx), context.DeadlineExceeded, name)
	}
}
