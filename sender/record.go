package sender

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// put computes the topics and writes the record.
func (o *Org) put(ctx context.Context, c *Contract, r *driver.SubscriptionRecord) error {
	r.Topics = c.subscriptionTopics(&r.Subscription)
	if err := validRecord(r); err != nil {
		return err
	}
	version, err := o.s.store.PutSubscription(ctx, *r)
	r.Version = version
	return err
}

// errUnchanged is what an edit returns that finds nothing to do.
var errUnchanged = errors.New("unchanged")

// change applies edit to a subscription until no other change comes between.
func (o *Org) change(
	ctx context.Context, id string, edit func(*Contract, *driver.SubscriptionRecord) error,
) (driver.SubscriptionRecord, error) {
	const tries = 10
	for range tries {
		r, err := o.record(ctx, id)
		if err != nil {
			return driver.SubscriptionRecord{}, err
		}
		if unreadable(&r) {
			return driver.SubscriptionRecord{}, fmt.Errorf("%w: subscription %s: remove it with Unsubscribe, and subscribe anew",
				ErrUnreadable, id)
		}
		contract := o.s.contract(r.Contract)
		if contract == nil {
			return driver.SubscriptionRecord{}, fmt.Errorf("%w: subscription %s: this Sender has no contract %q", ErrInvalid, id,
				r.Contract)
		}
		r.Subscription = clone(&r.Subscription)
		r.Sealed = slices.Clone(r.Sealed)
		switch err := edit(contract, &r); {
		case errors.Is(err, errUnchanged):
			return r, nil
		case err != nil:
			return driver.SubscriptionRecord{}, err
		}
		err = o.put(ctx, contract, &r)
		if err == nil {
			return r, nil
		}
		if !errors.Is(err, ErrConflict) {
			return driver.SubscriptionRecord{}, fmt.Errorf("sender: subscription %s: %w", id, bare(err))
		}
	}
	return driver.SubscriptionRecord{}, fmt.Errorf("sender: subscription %s: changed by others all the time: %w", id,
		bare(ErrConflict))
}

func (o *Org) records(ctx context.Context, q SubscriptionQuery) iter.Seq2[driver.SubscriptionRecord, error] {
	q.Org = o.id
	return pages(listPage, q.Limit, q.After, func(after string, limit int) ([]driver.SubscriptionRecord, error) {
		q := q
		q.After, q.Limit = after, limit
		records, err := o.s.store.Subscriptions(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("sender: subscriptions: %w", bare(err))
		}
		return records, nil
	}, func(r driver.SubscriptionRecord) string { return r.ID })
}

func (o *Org) record(ctx context.Context, id string) (driver.SubscriptionRecord, error) {
	records, err := o.s.store.Subscriptions(ctx, SubscriptionQuery{Org: o.id, IDs: []string{id}, Limit: 1})
	if err != nil {
		return driver.SubscriptionRecord{}, fmt.Errorf("sender: subscription %s: %w", id, bare(err))
	}
	if len(records) == 0 {
		return driver.SubscriptionRecord{}, fmt.Errorf("sender: subscription %s: %w", id, bare(ErrNotFound))
	}
	return records[0], nil
}

// shownSubscription is a record as its owner sees it.
func shownSubscription(r *driver.SubscriptionRecord) Subscription {
	sub := clone(&r.Subscription)
	sub.Secrets = nil
	for _, s := range r.Sealed {
		sub.Secrets = append(sub.Secrets, SecretInfo{ID: s.ID, CreatedAt: s.CreatedAt, ExpiresAt: s.ExpiresAt})
	}
	return sub
}

// deactivate makes a subscription wait for a test.
func deactivate(r *driver.SubscriptionRecord) {
	r.ActivatedAt = time.Time{}
	r.Status, r.StatusReason = StatusPendingTest, "waits for a successful test"
}
