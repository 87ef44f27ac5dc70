package sender_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// deaf is a store that answers nothing once it is told to, until the caller gives up.
type deaf struct {
	sender.Store
	silent atomic.Bool
}

func (d *deaf) wait(ctx context.Context) error {
	if d.silent.Load() {
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

func (d *deaf) Enqueue(
	ctx context.Context, p []driver.Publication, c *driver.ClaimRequest,
) ([]driver.Enqueued, []driver.Claim, error) {
	if err := d.wait(ctx); err != nil {
		return nil, nil, err
	}
	return d.Store.Enqueue(ctx, p, c)
}

func (d *deaf) Claim(ctx context.Context, r driver.ClaimRequest) (driver.Claims, error) {
	if err := d.wait(ctx); err != nil {
		return driver.Claims{}, err
	}
	return d.Store.Claim(ctx, r)
}

func (d *deaf) Settle(ctx context.Context, o []driver.Outcome) ([]driver.Settled, error) {
	if err := d.wait(ctx); err != nil {
		return nil, err
	}
	return d.Store.Settle(ctx, o)
}

func (d *deaf) PutSubscription(ctx context.Context, r driver.SubscriptionRecord) (int64, error) {
	if err := d.wait(ctx); err != nil {
		return 0, err
	}
	return d.Store.PutSubscription(ctx, r)
}

func (d *deaf) DeleteSubscription(ctx context.Context, org, id string) error {
	if err := d.wait(ctx); err != nil {
		return err
	}
	return d.Store.DeleteSubscription(ctx, org, id)
}

func (d *deaf) Subscriptions(ctx context.Context, q driver.SubscriptionQuery) ([]driver.SubscriptionRecord, error) {
	if err := d.wait(ctx); err != nil {
		return nil, err
	}
	return d.Store.Subscriptions(ctx, q)
}

func (d *deaf) Event(ctx context.Context, org, id string) (sender.StoredEvent, error) {
	if err := d.wait(ctx); err != nil {
		return sender.StoredEvent{}, err
	}
	return d.Store.Event(ctx, org, id)
}

func (d *deaf) Deliveries(ctx context.Context, q sender.DeliveryQuery) ([]sender.Delivery, error) {
	if err := d.wait(ctx); err != nil {
		return nil, err
	}
	return d.Store.Deliveries(ctx, q)
}

func (d *deaf) Events(ctx context.Context, q sender.EventQuery) ([]sender.StoredEvent, error) {
	if err := d.wait(ctx); err != nil {
		return nil, err
	}
	return d.Store.Events(ctx, q)
}

func (d *deaf) Erase(ctx context.Context, org string, limit int) (int, error) {
	if err := d.wait(ctx); err != nil {
		return 0, err
	}
	return d.Store.Erase(ctx, org, limit)
}

func (d *deaf) Attempts(ctx context.Context, org, id string) ([]sender.Attempt, error) {
	if err := d.wait(ctx); err != nil {
		return nil, err
	}
	return d.Store.Attempts(ctx, org, id)
}

func (d *deaf) Replay(ctx context.Context, r driver.ReplayRequest) ([]sender.Replayed, error) {
	if err := d.wait(ctx); err != nil {
		return nil, err
	}
	return d.Store.Replay(ctx, r)
}

func (d *deaf) RetryNow(ctx context.Context, q sender.DeliveryQuery) ([]string, error) {
	if err := d.wait(ctx); err != nil {
		return nil, err
	}
	return d.Store.RetryNow(ctx, q)
}

func (d *deaf) Cancel(ctx context.Context, q sender.DeliveryQuery) ([]sender.Cancelled, error) {
	if err := d.wait(ctx); err != nil {
		return nil, err
	}
	return d.Store.Cancel(ctx, q)
}

func (d *deaf) Purge(ctx context.Context, r driver.PurgeRequest) (sender.Purged, error) {
	if err := d.wait(ctx); err != nil {
		return sender.Purged{}, err
	}
	return d.Store.Purge(ctx, r)
}

func (d *deaf) Minutes(ctx context.Context, org, sub string, back time.Duration) ([]sender.Minute, error) {
	if err := d.wait(ctx); err != nil {
		return nil, err
	}
	return d.Store.Minutes(ctx, org, sub, back)
}

// Nobody waits for a store that hangs any longer than StoreTimeout.
func TestEveryStoreCallHasADeadline(t *testing.T) {
	calls := map[string]func(ctx context.Context, r *rig, sub string) error{
		"Subscribe": func(ctx context.Context, r *rig, _ string) error {
			_, _, err := r.org.Subscribe(ctx, sender.Subscription{URL: "https://example.com/", Events: []string{"*"}})
			return err
		},
		"Subscription": func(ctx context.Context, r *rig, sub string) error {
			_, err := r.org.Subscription(ctx, sub)
			return err
		},
		"Subscriptions": func(ctx context.Context, r *rig, _ string) error {
			for _, err := range r.org.Subscriptions(ctx, sender.SubscriptionQuery{}) {
				return err
			}
			return nil
		},
		"Update": func(ctx context.Context, r *rig, sub string) error {
			_, err := r.org.Update(ctx, sub, func(*sender.Subscription) {})
			return err
		},
		"Events": func(ctx context.Context, r *rig, _ string) error {
			for _, err := range r.org.Events(ctx, sender.EventQuery{}) {
				return err
			}
			return nil
		},
		"Erase": func(ctx context.Context, r *rig, _ string) error { _, err := r.org.Erase(ctx); return err },
		"Pause": func(ctx context.Context, r *rig, sub string) error { return r.org.Pause(ctx, sub) },
		"RotateSecret": func(ctx context.Context, r *rig, sub string) error {
			_, err := r.org.RotateSecret(ctx, sub, sender.Rotation{})
			return err
		},
		"Unsubscribe": func(ctx context.Context, r *rig, sub string) error { return r.org.Unsubscribe(ctx, sub) },
		"Test": func(ctx context.Context, r *rig, sub string) error {
			_, err := r.org.Test(ctx, sub, sender.TestRequest{})
			return err
		},
		"Publish": func(ctx context.Context, r *rig, _ string) error {
			_, err := r.org.Publish(ctx, contactCreated(t))
			return err
		},
		"PublishTx": func(ctx context.Context, r *rig, _ string) error {
			_, err := r.org.PublishTx(ctx, r.store, contactCreated(t))
			return err
		},
		"Replay": func(ctx context.Context, r *rig, _ string) error { _, err := r.org.Replay(ctx, "wbd_1"); return err },
		"ReplayAll": func(ctx context.Context, r *rig, _ string) error {
			for _, err := range r.org.ReplayAll(ctx, sender.DeliveryQuery{}) {
				return err
			}
			return nil
		},
		"RetryNow": func(ctx context.Context, r *rig, _ string) error { return r.org.RetryNow(ctx, "wbd_1") },
		"RetryAllNow": func(ctx context.Context, r *rig, _ string) error {
			for _, err := range r.org.RetryAllNow(ctx, sender.DeliveryQuery{}) {
				return err
			}
			return nil
		},
		"Cancel": func(ctx context.Context, r *rig, _ string) error { return r.org.Cancel(ctx, "wbd_1") },
		"CancelAll": func(ctx context.Context, r *rig, _ string) error {
			for _, err := range r.org.CancelAll(ctx, sender.DeliveryQuery{}) {
				return err
			}
			return nil
		},
		"Event":    func(ctx context.Context, r *rig, _ string) error { _, err := r.org.Event(ctx, "evt_1"); return err },
		"Delivery": func(ctx context.Context, r *rig, _ string) error { _, err := r.org.Delivery(ctx, "wbd_1"); return err },
		"Attempts": func(ctx context.Context, r *rig, _ string) error { _, err := r.org.Attempts(ctx, "wbd_1"); return err },
		"Minutes": func(ctx context.Context, r *rig, _ string) error {
			_, err := r.org.Minutes(ctx, "", time.Hour)
			return err
		},
		"Purge": func(ctx context.Context, r *rig, _ string) error { _, err := r.Purge(ctx); return err },
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				store := &deaf{Store: memstore.New()}
				r := newRigOn(t, store, statuses(200), sender.Config{StoreTimeout: 3 * time.Second})
				sub, _ := r.subscribe(t, "https://example.com/", "*")
				r.stop()
				store.silent.Store(true)
				began := time.Now()
				require.ErrorIs(t, call(t.Context(), r, sub.ID), context.DeadlineExceeded)
				require.Equal(t, 3*time.Second, time.Since(began))
			})
		})
	}
}

// A store that stops answering holds up neither Run's end nor anything after it.
func TestShutdownWithAStoreThatHangs(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := &deaf{Store: memstore.New()}
		r := newRigOn(t, store, &farEnd{answer: func(n int, req *http.Request) (*http.Response, error) {
			store.silent.Store(true)
			if n%2 == 0 {
				return hang(req)
			}
			return reply(200), nil
		}}, sender.Config{ShutdownTimeout: 5 * time.Second, StoreTimeout: 4 * time.Second})
		for range 5 {
			r.subscribe(t, "https://example.com/", "*")
		}
		r.publish(t, contactCreated(t))
		synctest.Wait()
		go func() { _, _ = r.org.Publish(t.Context(), contactCreated(t)) }()
		synctest.Wait()
		began := time.Now()
		r.stop()
		require.LessOrEqual(t, time.Since(began), 9*time.Second)
		store.silent.Store(false)
		r.run(t)
		time.Sleep(time.Hour)
		store.silent.Store(false)
		require.Contains(t, r.logs.String(), "outcome not written")
	})
}
