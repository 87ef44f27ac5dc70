package memstore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

const reasonGone = "unsubscribed"

// subscription is a subscription and its lane.
type subscription struct {
	org    *org
	record *sender.SubscriptionRecord // as it was put; claims share it, so a change replaces it
	topics []string                   // sorted, each once
	gone   bool                       // deleted; its deliveries still name it
	goneAt time.Time
	lane   lane

	consecutiveDead int
	failingSince    time.Time
	minutes         minutes
}

func (u *subscription) active() bool { return u.record.Status == sender.StatusActive }

// PutSubscription implements [sender.Directory].
func (s *Store) PutSubscription(ctx context.Context, r sender.SubscriptionRecord) (version int64, err error) {
	if err := r.Valid(); err != nil {
		return 0, fmt.Errorf("memstore: put subscription %q of org %q: %w", r.ID, r.Org, err)
	}
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
			r.ID, r.Org, u.record.Version, r.Version, sender.ErrConflict)
	case u == nil:
		u = &subscription{org: o, lane: lane{waiting: map[*delivery]bool{}}}
		o.subscriptions[r.ID] = u
		s.keep(o)
	case r.Status == sender.StatusActive && !u.active(), r.URL != u.record.URL:
		u.consecutiveDead = 0
	}
	s.lastVersion++
	record := cloneRecord(&r)
	record.Version, record.Shard, record.Health = s.lastVersion, shardOf(r.Org, r.ID), u.health(now)
	u.record = record
	o.setTopics(u, r.Topics)
	s.offer(u)
	return record.Version, nil
}

// DeleteSubscription implements [sender.Directory]. What waits is cancelled at once; what is in flight, when it is
// settled as pending or its lease runs out.
func (s *Store) DeleteSubscription(ctx context.Context, org, id string) error {
	now, err := s.begin(ctx, "delete subscription")
	if err != nil {
		return err
	}
	defer s.end()
	o := s.org(org)
	u := o.subscriptions[id]
	if u == nil {
		return notFound("subscription", org, id)
	}
	u.gone, u.goneAt = true, now
	for _, d := range u.lane.unclaimed() {
		s.cancel(d, reasonGone, now)
	}
	o.setTopics(u, nil)
	delete(o.subscriptions, id)
	s.keep(o)
	return nil
}

// Subscriptions implements [sender.Directory].
func (s *Store) Subscriptions(ctx context.Context, q sender.SubscriptionQuery) ([]sender.SubscriptionRecord, error) {
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
	var records []sender.SubscriptionRecord
	for _, id := range slices.Compact(slices.Sorted(ids)) {
		u := known[id]
		if u == nil || id <= q.After {
			continue
		}
		record := cloneRecord(u.record)
		record.Health = u.health(now)
		if records = append(records, *record); len(records) == q.Limit {
			break
		}
	}
	return records, nil
}

// cloneRecord copies all that the caller could change later.
func cloneRecord(r *sender.SubscriptionRecord) *sender.SubscriptionRecord {
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
