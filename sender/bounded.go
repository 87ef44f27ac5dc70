package sender

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// boundedStore bounds every call of a store in time and every answer in number, so that neither a store that hangs nor
// one that answers for more or fewer than it was asked can bring a Sender to a halt.
type boundedStore struct {
	store   Store
	timeout time.Duration
}

func (b boundedStore) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, b.timeout)
}

func (b boundedStore) Enqueue(
	ctx context.Context, pubs []driver.Publication, claim *driver.ClaimRequest,
) ([]driver.Enqueued, []driver.Claim, error) {
	return b.enqueue(ctx, b.store, pubs, claim)
}

// enqueue is Enqueue on e, which may be a transaction of the store.
func (b boundedStore) enqueue(
	ctx context.Context, e driver.Enqueuer, pubs []driver.Publication, claim *driver.ClaimRequest,
) ([]driver.Enqueued, []driver.Claim, error) {
	ctx, cancel := b.within(ctx)
	defer cancel()
	results, claims, err := e.Enqueue(ctx, pubs, claim)
	if err != nil {
		return nil, nil, err
	}
	limit := 0
	if claim != nil {
		limit = claim.Limit
	}
	if len(results) != len(pubs) {
		return nil, nil, fmt.Errorf("the store answered %d of %d publications", len(results), len(pubs))
	}
	if len(claims) > limit {
		return nil, nil, fmt.Errorf("the store leased %d deliveries, at most %d were asked for", len(claims), limit)
	}
	return results, claims, nil
}

func (b boundedStore) Claim(ctx context.Context, r driver.ClaimRequest) (driver.Claims, error) {
	ctx, cancel := b.within(ctx)
	defer cancel()
	claims, err := b.store.Claim(ctx, r)
	if err == nil && len(claims.Claims) > r.Limit {
		err = fmt.Errorf("the store leased %d deliveries, at most %d were asked for", len(claims.Claims), r.Limit)
	}
	if err != nil {
		return driver.Claims{}, err
	}
	return claims, nil
}

func (b boundedStore) Settle(ctx context.Context, outcomes []driver.Outcome) ([]driver.Settled, error) {
	ctx, cancel := b.within(ctx)
	defer cancel()
	settled, err := b.store.Settle(ctx, outcomes)
	if err == nil && len(settled) != len(outcomes) {
		err = fmt.Errorf("the store answered %d of %d outcomes", len(settled), len(outcomes))
	}
	return settled, err
}

func (b boundedStore) PutSubscription(ctx context.Context, r driver.SubscriptionRecord) (int64, error) {
	ctx, cancel := b.within(ctx)
	defer cancel()
	return b.store.PutSubscription(ctx, r)
}

func (b boundedStore) DeleteSubscription(ctx context.Context, org, id string) error {
	ctx, cancel := b.within(ctx)
	defer cancel()
	return b.store.DeleteSubscription(ctx, org, id)
}

func (b boundedStore) Subscriptions(
	ctx context.Context, q driver.SubscriptionQuery,
) ([]driver.SubscriptionRecord, error) {
	ctx, cancel := b.within(ctx)
	defer cancel()
	return b.store.Subscriptions(ctx, q)
}

func (b boundedStore) Event(ctx context.Context, org, id string) (StoredEvent, error) {
	ctx, cancel := b.within(ctx)
	defer cancel()
	return b.store.Event(ctx, org, id)
}

func (b boundedStore) Events(ctx context.Context, q EventQuery) ([]StoredEvent, error) {
	ctx, cancel := b.within(ctx)
	defer cancel()
	return b.store.Events(ctx, q)
}

func (b boundedStore) Deliveries(ctx context.Context, q DeliveryQuery) ([]Delivery, error) {
	ctx, cancel := b.within(ctx)
	defer cancel()
	return b.store.Deliveries(ctx, q)
}

func (b boundedStore) Attempts(ctx context.Context, org, deliveryID string) ([]Attempt, error) {
	ctx, cancel := b.within(ctx)
	defer cancel()
	return b.store.Attempts(ctx, org, deliveryID)
}

func (b boundedStore) Replay(ctx context.Context, r driver.ReplayRequest) ([]Replayed, error) {
	ctx, cancel := b.within(ctx)
	defer cancel()
	return b.store.Replay(ctx, r)
}

func (b boundedStore) RetryNow(ctx context.Context, q DeliveryQuery) ([]string, error) {
	ctx, cancel := b.within(ctx)
	defer cancel()
	return b.store.RetryNow(ctx, q)
}

func (b boundedStore) Cancel(ctx context.Context, q DeliveryQuery) ([]Cancelled, error) {
	ctx, cancel := b.within(ctx)
	defer cancel()
	return b.store.Cancel(ctx, q)
}

func (b boundedStore) Purge(ctx context.Context, r driver.PurgeRequest) (Purged, error) {
	ctx, cancel := b.within(ctx)
	defer cancel()
	return b.store.Purge(ctx, r)
}

func (b boundedStore) Erase(ctx context.Context, org string, limit int) (int, error) {
	ctx, cancel := b.within(ctx)
	defer cancel()
	return b.store.Erase(ctx, org, limit)
}

func (b boundedStore) Minutes(ctx context.Context, org, sub string, back time.Duration) ([]Minute, error) {
	ctx, cancel := b.within(ctx)
	defer cancel()
	return b.store.Minutes(ctx, org, sub, back)
}

// Counts asks a store that may not be able to.
func (b boundedStore) Counts(ctx context.Context, org string) (Counts, error) {
	counter, ok := b.store.(driver.Counter)
	if !ok {
		return Counts{}, fmt.Errorf("the store has no Counts: %w", errors.ErrUnsupported)
	}
	ctx, cancel := b.within(ctx)
	defer cancel()
	return counter.Counts(ctx, org)
}

// OldestDue asks a store that may not be able to tell. One that is not is asked for something else, so that its answer
// says that it is there.
func (b boundedStore) OldestDue(ctx context.Context) (time.Duration, error) {
	ctx, cancel := b.within(ctx)
	defer cancel()
	if backlog, ok := b.store.(driver.Backlog); ok {
		return backlog.OldestDue(ctx)
	}
	if _, err := b.store.Event(ctx, "health", "none"); err != nil && !errors.Is(err, ErrNotFound) {
		return 0, err
	}
	return 0, nil
}
