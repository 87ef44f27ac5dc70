package memstore

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const reasonGone = "unsubscribed"

// PutSubscription implements [driver.Directory].
func (s *Store) PutSubscription(ctx context.Context, r driver.SubscriptionRecord) (version int64, err error) {
	if err := r.Valid(); err != nil {
		return 0, fmt.Errorf("memstore: put subscription %q of org %q: %w", r.ID, r.Org, err)
	}
	now, err := s.begin(ctx, "put subscription")
	if err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	o := s.org(r.Org)
	u := o.subscriptions[r.ID]
	switch {
	case u == nil && r.Version != 0:
		return 0, notFound("subscription", r.Org, r.ID)
	case u != nil && u.record.Version != r.Version:
		return 0, fmt.Errorf("memstore: subscription %q of org %q is at version %d, not %d: %w",
			r.ID, r.Org, u.record.Version, r.Version, driver.ErrConflict)
	case u == nil:
		u = &subscription{org: o, ref: s.subscriptions.add()}
		*s.subscriptions.at(u.ref) = u
		o.subscriptions[r.ID] = u
		s.keep(o)
	case r.Status == driver.StatusActive && !u.active(), r.URL != u.record.URL:
		u.deads = 0
	}
	record := cloneRecord(&r)
	s.versions++
	record.Version, record.Health = s.versions, s.health(u, now)
	u.record = record
	if topics := slices.Compact(slices.Sorted(slices.Values(r.Topics))); !slices.Equal(topics, u.topics) {
		o.topics.remove(u)
		u.topics = topics
		o.topics.add(u)
	}
	s.rest(u)
	s.wakeFor(u)
	return record.Version, nil
}

// DeleteSubscription implements [driver.Directory]. What waits is cancelled at once; what is in flight, when it is
// settled as pending or its lease runs out.
func (s *Store) DeleteSubscription(ctx context.Context, org, id string) error {
	now, err := s.begin(ctx, "delete subscription")
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	o := s.org(org)
	u := o.subscriptions[id]
	if u == nil {
		return notFound("subscription", org, id)
	}
	u.gone, u.goneAt = true, now
	delete(o.subscriptions, id)
	o.topics.remove(u)
	for _, l := range []*list{&u.ready, &u.tests, &u.waiting} {
		for l.first != 0 {
			s.cancel(l.first, reasonGone, now)
		}
	}
	s.rest(u)
	if u.deliveries == 0 {
		s.subscriptions.remove(u.ref)
	}
	s.keep(o)
	return nil
}

// Subscriptions implements [driver.Directory].
func (s *Store) Subscriptions(ctx context.Context, q driver.SubscriptionQuery) ([]driver.SubscriptionRecord, error) {
	now, err := s.begin(ctx, "subscriptions")
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	o := s.org(q.Org)
	var found []*subscription
	add := func(u *subscription) {
		if u != nil && u.record.ID > q.After {
			found = append(found, u)
		}
	}
	if len(q.IDs) > 0 {
		for _, id := range slices.Compact(slices.Sorted(slices.Values(q.IDs))) {
			add(o.subscriptions[id])
		}
	} else {
		for _, u := range o.subscriptions {
			add(u)
		}
		slices.SortFunc(found, func(a, b *subscription) int { return cmp.Compare(a.record.ID, b.record.ID) })
	}
	if q.Limit > 0 && len(found) > q.Limit {
		found = found[:q.Limit]
	}
	records := make([]driver.SubscriptionRecord, len(found))
	for i, u := range found {
		records[i] = *cloneRecord(u.record)
		records[i].Health = s.health(u, now)
	}
	return records, nil
}

// cloneRecord copies all that the caller could change later.
func cloneRecord(r *driver.SubscriptionRecord) *driver.SubscriptionRecord {
	c := *r
	c.Events = slices.Clone(r.Events)
	c.Devices = slices.Clone(r.Devices)
	c.Headers = maps.Clone(r.Headers)
	c.Secrets = slices.Clone(r.Secrets)
	c.Topics = slices.Clone(r.Topics)
	c.Sealed = slices.Clone(r.Sealed)
	for i := range c.Sealed {
		c.Sealed[i].Sealed = slices.Clone(c.Sealed[i].Sealed)
	}
	return &c
}
