package storetest_test

import (
	"context"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// faulty is a correct store with a few methods replaced.
type faulty struct {
	*memstore.Store
	enqueue func(context.Context, []driver.Publication,
		*driver.ClaimRequest) ([]driver.Enqueued, []driver.Claim, error)
	claim         func(context.Context, driver.ClaimRequest) (driver.Claims, error)
	settle        func(context.Context, []driver.Outcome) ([]driver.Settled, error)
	put           func(context.Context, driver.SubscriptionRecord) (int64, error)
	remove        func(context.Context, string, string) error
	subscriptions func(context.Context, driver.SubscriptionQuery) ([]driver.SubscriptionRecord, error)
	event         func(context.Context, string, string) (driver.StoredEvent, error)
	events        func(context.Context, driver.EventQuery) ([]driver.StoredEvent, error)
	erase         func(context.Context, string, int) (int, error)
	deliveries    func(context.Context, driver.DeliveryQuery) ([]driver.Delivery, error)
	attempts      func(context.Context, string, string) ([]driver.Attempt, error)
	replay        func(context.Context, driver.ReplayRequest) ([]driver.Replayed, error)
	retryNow      func(context.Context, driver.DeliveryQuery) ([]string, error)
	cancel        func(context.Context, driver.DeliveryQuery) ([]driver.Cancelled, error)
	purge         func(context.Context, driver.PurgeRequest) (driver.Purged, error)
	minutes       func(context.Context, string, string, time.Duration) ([]driver.Minute, error)
	counts        func(context.Context, string) (driver.Counts, error)
	oldestDue     func(context.Context) (time.Duration, error)
	wait          func(context.Context) error
}

func newFaulty() *faulty {
	s := memstore.New()
	return &faulty{
		Store: s, enqueue: s.Enqueue, claim: s.Claim, settle: s.Settle, put: s.PutSubscription, remove: s.DeleteSubscription,
		subscriptions: s.Subscriptions, event: s.Event, events: s.Events, erase: s.Erase, deliveries: s.Deliveries,
		attempts: s.Attempts, replay: s.Replay,
		retryNow: s.RetryNow, cancel: s.Cancel, purge: s.Purge, minutes: s.Minutes, counts: s.Counts, wait: s.Wait,
		oldestDue: s.OldestDue,
	}
}

func (f *faulty) Enqueue(
	ctx context.Context, p []driver.Publication, r *driver.ClaimRequest,
) ([]driver.Enqueued, []driver.Claim, error) {
	return f.enqueue(ctx, p, r)
}
func (f *faulty) Claim(ctx context.Context, r driver.ClaimRequest) (driver.Claims, error) {
	return f.claim(ctx, r)
}
func (f *faulty) Settle(ctx context.Context, o []driver.Outcome) ([]driver.Settled, error) {
	return f.settle(ctx, o)
}
func (f *faulty) PutSubscription(ctx context.Context, r driver.SubscriptionRecord) (int64, error) {
	return f.put(ctx, r)
}
func (f *faulty) DeleteSubscription(ctx context.Context, org, id string) error {
	return f.remove(ctx, org, id)
}
func (f *faulty) Subscriptions(ctx context.Context, q driver.SubscriptionQuery) ([]driver.SubscriptionRecord, error) {
	return f.subscriptions(ctx, q)
}
func (f *faulty) Events(ctx context.Context, q driver.EventQuery) ([]driver.StoredEvent, error) {
	return f.events(ctx, q)
}
func (f *faulty) Erase(ctx context.Context, org string, limit int) (int, error) {
	return f.erase(ctx, org, limit)
}
func (f *faulty) OldestDue(ctx context.Context) (time.Duration, error) { return f.oldestDue(ctx) }
func (f *faulty) Event(ctx context.Context, org, id string) (driver.StoredEvent, error) {
	return f.event(ctx, org, id)
}
func (f *faulty) Deliveries(ctx context.Context, q driver.DeliveryQuery) ([]driver.Delivery, error) {
	return f.deliveries(ctx, q)
}
func (f *faulty) Attempts(ctx context.Context, org, id string) ([]driver.Attempt, error) {
	return f.attempts(ctx, org, id)
}
func (f *faulty) Replay(ctx context.Context, r driver.ReplayRequest) ([]driver.Replayed, error) {
	return f.replay(ctx, r)
}
func (f *faulty) RetryNow(ctx context.Context, q driver.DeliveryQuery) ([]string, error) {
	return f.retryNow(ctx, q)
}
func (f *faulty) Cancel(ctx context.Context, q driver.DeliveryQuery) ([]driver.Cancelled, error) {
	return f.cancel(ctx, q)
}
func (f *faulty) Purge(ctx context.Context, r driver.PurgeRequest) (driver.Purged, error) {
	return f.purge(ctx, r)
}
func (f *faulty) Minutes(ctx context.Context, org, sub string, back time.Duration) ([]driver.Minute, error) {
	return f.minutes(ctx, org, sub, back)
}
func (f *faulty) Counts(ctx context.Context, org string) (driver.Counts, error) {
	return f.counts(ctx, org)
}
func (f *faulty) Wait(ctx context.Context) error { return f.wait(ctx) }

type fault struct {
	name     string
	caughtBy string
	plant    func() *faulty
}

func faults() []fault {
	return slices.Concat(enqueueFaults(), claimFaults(), settleFaults(), directoryFaults(), logFaults(), eventFaults(),
		changeFaults(), backlogFaults(),
		lostReplyFaults(), writtenFaults())
}

// plant makes a fault of a change to a store.
func plant(name, caughtBy string, change func(f *faulty)) fault {
	return fault{name, caughtBy, func() *faulty {
		f := newFaulty()
		change(f)
		return f
	}}
}
