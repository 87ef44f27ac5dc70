package storetest

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// patience is how long one call may take.
const patience = time.Minute

// guard stands between a case and its store: what would make the case panic or hang is an error that says what was
// wrong.
type guard struct{ driver.Store }

// ask makes one call, in a goroutine of its own, so that neither a panic nor silence takes the other cases along.
func ask[R any](ctx context.Context, name string, call func(ctx context.Context) (R, error),
	wrong func(R) string) (R, error) {
	type reply struct {
		r   R
		err error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	replied := make(chan reply, 1)
	go func() {
		a := reply{err: fmt.Errorf("storetest: %s did not return", name)} // runtime.Goexit
		defer func() {
			if p := recover(); p != nil {
				a.err = fmt.Errorf("storetest: %s panicked: %v\n%s", name, p, debug.Stack())
			}
			replied <- a
		}()
		a.r, a.err = call(ctx)
	}()
	late := time.NewTimer(patience)
	defer late.Stop()
	var none R
	select {
	case <-late.C:
		return none, fmt.Errorf("storetest: %s has not answered for %v", name, patience)
	case a := <-replied:
		if a.err == nil && wrong != nil {
			if fault := wrong(a.r); fault != "" {
				return none, fmt.Errorf("storetest: %s answered %s", name, fault)
			}
		}
		return a.r, a.err
	}
}

func ofLength(got, want int) string {
	if got != want {
		return fmt.Sprintf("%d results for %d", got, want)
	}
	return ""
}

func wholeClaims(claims []driver.Claim) string {
	for _, c := range claims {
		if c.Event == nil || c.Subscription == nil {
			return fmt.Sprintf("a claim of delivery %q without its event or its subscription", c.Delivery.ID)
		}
	}
	return ""
}

func (g guard) Enqueue(
	ctx context.Context, pubs []driver.Publication, r *driver.ClaimRequest,
) ([]driver.Enqueued, []driver.Claim, error) {
	type answer struct {
		results []driver.Enqueued
		claims  []driver.Claim
	}
	a, err := ask(ctx, "Enqueue", func(ctx context.Context) (a answer, err error) {
		a.results, a.claims, err = g.Store.Enqueue(ctx, pubs, r)
		return a, err
	}, func(a answer) string {
		if fault := ofLength(len(a.results), len(pubs)); fault != "" {
			return fault
		}
		return wholeClaims(a.claims)
	})
	return a.results, a.claims, err
}

func (g guard) Claim(ctx context.Context, r driver.ClaimRequest) (driver.Claims, error) {
	return ask(ctx, "Claim", func(ctx context.Context) (driver.Claims, error) { return g.Store.Claim(ctx, r) },
		func(c driver.Claims) string { return wholeClaims(c.Claims) })
}

func (g guard) Settle(ctx context.Context, outcomes []driver.Outcome) ([]driver.Settled, error) {
	return ask(ctx, "Settle", func(ctx context.Context) ([]driver.Settled, error) { return g.Store.Settle(ctx, outcomes) },
		func(s []driver.Settled) string { return ofLength(len(s), len(outcomes)) })
}

func (g guard) PutSubscription(ctx context.Context, s driver.SubscriptionRecord) (int64, error) {
	return ask(ctx, "PutSubscription", func(ctx context.Context) (int64, error) { return g.Store.PutSubscription(ctx, s) },
		nil)
}

func (g guard) DeleteSubscription(ctx context.Context, org, id string) error {
	_, err := ask(ctx, "DeleteSubscription", func(ctx context.Context) (struct{}, error) {
		return struct{}{}, g.Store.DeleteSubscription(ctx, org, id)
	}, nil)
	return err
}

func (g guard) Subscriptions(ctx context.Context, q driver.SubscriptionQuery) ([]driver.SubscriptionRecord, error) {
	return ask(ctx, "Subscriptions", func(ctx context.Context) ([]driver.SubscriptionRecord, error) {
		return g.Store.Subscriptions(ctx, q)
	}, nil)
}

func (g guard) Event(ctx context.Context, org, id string) (driver.StoredEvent, error) {
	type answer struct {
		event driver.StoredEvent
		err   error // told beside what is left of the event
	}
	a, err := ask(ctx, "Event", func(ctx context.Context) (a answer, _ error) {
		a.event, a.err = g.Store.Event(ctx, org, id)
		return a, nil
	}, nil)
	if err == nil {
		err = a.err
	}
	return a.event, err
}

func (g guard) Events(ctx context.Context, q driver.EventQuery) ([]driver.StoredEvent, error) {
	return ask(ctx, "Events", func(ctx context.Context) ([]driver.StoredEvent, error) { return g.Store.Events(ctx, q) },
		nil)
}

func (g guard) Deliveries(ctx context.Context, q driver.DeliveryQuery) ([]driver.Delivery, error) {
	return ask(ctx, "Deliveries", func(ctx context.Context) ([]driver.Delivery, error) {
		return g.Store.Deliveries(ctx,
			q)
	}, nil)
}

func (g guard) Attempts(ctx context.Context, org, id string) ([]driver.Attempt, error) {
	return ask(ctx, "Attempts", func(ctx context.Context) ([]driver.Attempt, error) {
		return g.Store.Attempts(ctx, org,
			id)
	}, nil)
}

func (g guard) Replay(ctx context.Context, r driver.ReplayRequest) ([]driver.Replayed, error) {
	return ask(ctx, "Replay", func(ctx context.Context) ([]driver.Replayed, error) { return g.Store.Replay(ctx, r) }, nil)
}

func (g guard) RetryNow(ctx context.Context, q driver.DeliveryQuery) ([]string, error) {
	return ask(ctx, "RetryNow", func(ctx context.Context) ([]string, error) { return g.Store.RetryNow(ctx, q) }, nil)
}

func (g guard) Cancel(ctx context.Context, q driver.DeliveryQuery) ([]driver.Cancelled, error) {
	return ask(ctx, "Cancel", func(ctx context.Context) ([]driver.Cancelled, error) { return g.Store.Cancel(ctx, q) }, nil)
}

func (g guard) Purge(ctx context.Context, r driver.PurgeRequest) (driver.Purged, error) {
	return ask(ctx, "Purge", func(ctx context.Context) (driver.Purged, error) { return g.Store.Purge(ctx, r) }, nil)
}

func (g guard) Erase(ctx context.Context, org string, limit int) (int, error) {
	return ask(ctx, "Erase", func(ctx context.Context) (int, error) { return g.Store.Erase(ctx, org, limit) }, nil)
}

func (g guard) Minutes(ctx context.Context, org, sub string, back time.Duration) ([]driver.Minute, error) {
	return ask(ctx, "Minutes", func(ctx context.Context) ([]driver.Minute, error) {
		return g.Store.Minutes(ctx, org, sub,
			back)
	}, nil)
}

// waits and counter are the optional powers of the store, with the same guard.
func (w *world) waits() (driver.Waiter, bool) {
	waiter, ok := w.bare.(driver.Waiter)
	return guardedWaiter{waiter}, ok
}

type guardedWaiter struct{ driver.Waiter }

// Wait may take as long as its context allows.
func (g guardedWaiter) Wait(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("storetest: Wait panicked: %v", p)
		}
	}()
	return g.Waiter.Wait(ctx)
}

func (w *world) counter() (driver.Counter, bool) {
	counter, ok := w.bare.(driver.Counter)
	return guardedCounter{counter}, ok
}

type guardedCounter struct{ driver.Counter }

func (g guardedCounter) Counts(ctx context.Context, org string) (driver.Counts, error) {
	return ask(ctx, "Counts", func(ctx context.Context) (driver.Counts, error) { return g.Counter.Counts(ctx, org) }, nil)
}

func (w *world) backlog() (driver.Backlog, bool) {
	backlog, ok := w.bare.(driver.Backlog)
	return guardedBacklog{backlog}, ok
}

type guardedBacklog struct{ driver.Backlog }

func (g guardedBacklog) OldestDue(ctx context.Context) (time.Duration, error) {
	return ask(ctx, "OldestDue", g.Backlog.OldestDue, nil)
}
