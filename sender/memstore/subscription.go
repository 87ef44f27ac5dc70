package memstore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// subscription is a subscription and its lane.
type subscription struct {
	org    *org
	record *driver.SubscriptionRecord // as it was put; claims share it, so a change replaces it
	topics []string
	gone   time.Time // when it was deleted; its deliveries still name it

	due     queue              // deliveries that are due, or whose lease ran out
	tests   queue              // the same: they are claimed whatever the status
	waiting map[*delivery]bool // for a retry
	rotates bool               // it stands in Store.rotation

	consecutiveDead int
	failingSince    time.Time
	minutes         minutes
}

func (u *subscription) active() bool { return u.record.Status == driver.StatusActive }
func (u *subscription) isGone() bool { return !u.gone.IsZero() }

// PutSubscription implements [driver.Directory].
func (s *Store) PutSubscription(ctx context.Context, r driver.SubscriptionRecord) (version int64, err error) {
	now, err := s.begin(ctx, "put subscription")
	if err != nil {
		return 0, err
	}
	defer s.end()
	o := s.org(r.Org)
	u := o.subscriptions[r.ID]
	switch {
	case u == nil && r.Version != 0:
		return 0, notFound("subscription", r.Org, r.ID)
	case u != nil && u.record.Version != r.Version:
		return 0, fmt.Errorf("memstore: subscription %q of org %q is at version %d, not %d: %w",
			r.ID, r.Org, u.record.Version, r.Version, driver.ErrConflict)
	case u == nil:
		u = &subscription{org: o, waiting: map[*delivery]bool{}}
		o.subscriptions[r.ID] = u
	case r.Status == driver.StatusActive && !u.active(), r.URL != u.record.URL:
		u.consecutiveDead = 0
	}
	s.lastVersion++
	r.Version, r.Health = s.lastVersion, u.health(now)
	u.record = clone(&r)
	o.setTopics(u, u.record.Topics)
	s.rotate(u)
	s.news = true
	return r.Version, nil
}

// DeleteSubscription implements [driver.Directory]. What waits is cancelled at once; what is in flight, when it is
// settled as pending or its lease runs out.
func (s *Store) DeleteSubscription(ctx context.Context, org, id string) error {
	now, err := s.begin(ctx, "delete subscription")
	if err != nil {
		return err
	}
	defer s.end()
	u := s.org(org).subscriptions[id]
	if u == nil {
		return notFound("subscription", org, id)
	}
	s.remove(u, now)
	return nil
}

// remove deletes a subscription and cancels what waits for it.
func (s *Store) remove(u *subscription, now time.Time) {
	u.gone = now
	u.org.setTopics(u, nil)
	delete(u.org.subscriptions, u.record.ID)
	for _, d := range u.unclaimed() {
		s.cancel(d, driver.ReasonUnsubscribed, now)
	}
}

// Subscriptions implements [driver.Directory].
func (s *Store) Subscriptions(ctx context.Context, q driver.SubscriptionQuery) ([]driver.SubscriptionRecord, error) {
	now, err := s.begin(ctx, "subscriptions")
	if err != nil {
		return nil, err
	}
	defer s.end()
	known := s.org(q.Org).subscriptions
	ids := slices.Values(q.IDs)
	if len(q.IDs) == 0 {
		ids = maps.Keys(known)
	}
	var list []driver.SubscriptionRecord
	for _, id := range slices.Compact(slices.Sorted(ids)) {
		if u := known[id]; u != nil && id > q.After && (q.Limit <= 0 || len(list) < q.Limit) {
			r := clone(u.record)
			r.Health = u.health(now)
			list = append(list, *r)
		}
	}
	return list, nil
}

// clone copies all that the caller could change later.
func clone(r *driver.SubscriptionRecord) *driver.SubscriptionRecord {
	c := *r
	c.Events, c.Devices, c.Headers = slices.Clone(r.Events), slices.Clone(r.Devices), maps.Clone(r.Headers)
	c.Secrets, c.Topics, c.Sealed = slices.Clone(r.Secrets), slices.Clone(r.Topics), slices.Clone(r.Sealed)
	for i := range c.Sealed {
		c.Sealed[i].Sealed = slices.Clone(c.Sealed[i].Sealed)
	}
	return &c
}
