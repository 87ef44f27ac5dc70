package storetest_test

import (
	"context"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// faulty is a correct store with a few methods replaced.
type faulty struct {
	*memstore.Store
	enqueue       func(context.Context, []sender.Publication, *sender.ClaimRequest) ([]sender.Enqueued, []sender.Claim, error)
	claim         func(context.Context, sender.ClaimRequest) (sender.Claims, error)
	settle        func(context.Context, []sender.Outcome) ([]sender.Settled, error)
	put           func(context.Context, sender.SubscriptionRecord) (int64, error)
	remove        func(context.Context, string, string) error
	subscriptions func(context.Context, sender.SubscriptionQuery) ([]sender.SubscriptionRecord, error)
	event         func(context.Context, string, string) (sender.StoredEvent, error)
	deliveries    func(context.Context, sender.DeliveryQuery) ([]sender.Delivery, error)
	attempts      func(context.Context, string, string) ([]sender.Attempt, error)
	replay        func(context.Context, sender.ReplayRequest) ([]sender.Replayed, error)
	retryNow      func(context.Context, sender.DeliveryQuery) ([]string, error)
	cancel        func(context.Context, sender.DeliveryQuery) ([]sender.Cancelled, error)
	purge         func(context.Context, sender.PurgeRequest) (sender.Purged, error)
	minutes       func(context.Context, string, string, time.Duration) ([]sender.Minute, error)
	counts        func(context.Context, string) (sender.Counts, error)
	wait          func(context.Context) error
}

func newFaulty() *faulty {
	s := memstore.New()
	return &faulty{
		Store: s, enqueue: s.Enqueue, claim: s.Claim, settle: s.Settle, put: s.PutSubscription, remove: s.DeleteSubscription,
		subscriptions: s.Subscriptions, event: s.Event, deliveries: s.Deliveries, attempts: s.Attempts, replay: s.Replay,
		retryNow: s.RetryNow, cancel: s.Cancel, purge: s.Purge, minutes: s.Minutes, counts: s.Counts, wait: s.Wait,
	}
}

func (f *faulty) Enqueue(ctx context.Context, p []sender.Publication, r *sender.ClaimRequest) ([]sender.Enqueued, []sender.Claim, error) {
	return f.enqueue(ctx, p, r)
}
func (f *faulty) Claim(ctx context.Context, r sender.ClaimRequest) (sender.Claims, error) {
	return f.claim(ctx, r)
}
func (f *faulty) Settle(ctx context.Context, o []sender.Outcome) ([]sender.Settled, error) {
	return f.settle(ctx, o)
}
func (f *faulty) PutSubscription(ctx context.Context, r sender.SubscriptionRecord) (int64, error) {
	return f.put(ctx, r)
}
func (f *faulty) DeleteSubscription(ctx context.Context, org, id string) error {
	return f.remove(ctx, org, id)
}
func (f *faulty) Subscriptions(ctx context.Context, q sender.SubscriptionQuery) ([]sender.SubscriptionRecord, error) {
	return f.subscriptions(ctx, q)
}
func (f *faulty) Event(ctx context.Context, org, id string) (sender.StoredEvent, error) {
	return f.event(ctx, org, id)
}
func (f *faulty) Deliveries(ctx context.Context, q sender.DeliveryQuery) ([]sender.Delivery, error) {
	return f.deliveries(ctx, q)
}
func (f *faulty) Attempts(ctx context.Context, org, id string) ([]sender.Attempt, error) {
	return f.attempts(ctx, org, id)
}
func (f *faulty) Replay(ctx context.Context, r sender.ReplayRequest) ([]sender.Replayed, error) {
	return f.replay(ctx, r)
}
func (f *faulty) RetryNow(ctx context.Context, q sender.DeliveryQuery) ([]string, error) {
	return f.retryNow(ctx, q)
}
func (f *faulty) Cancel(ctx context.Context, q sender.DeliveryQuery) ([]sender.Cancelled, error) {
	return f.cancel(ctx, q)
}
func (f *faulty) Purge(ctx context.Context, r sender.PurgeRequest) (sender.Purged, error) {
	return f.purge(ctx, r)
}
func (f *faulty) Minutes(ctx context.Context, org, sub string, back time.Duration) ([]sender.Minute, error) {
	return f.minutes(ctx, org, sub, back)
}
func (f *faulty) Counts(ctx context.Context, org string) (sender.Counts, error) {
	return f.counts(ctx, org)
}
func (f *faulty) Wait(ctx context.Context) error { return f.wait(ctx) }

type fault struct {
	name     string
	caughtBy string
	plant    func() *faulty
}

func faults() []fault {
	return slices.Concat(enqueueFaults(), claimFaults(), settleFaults(), directoryFaults(), logFaults(), changeFaults(), lostReplyFaults(), writtenFaults())
}

// plant makes a fault of a change to a store.
func plant(name, caughtBy string, change func(f *faulty)) fault {
	return fault{name, caughtBy, func() *faulty {
		f := newFaulty()
		change(f)
		return f
	}}
}
