package memstore

import (
	"container/heap"
	"context"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

const (
	minIdentity   = 24 * time.Hour // the least that sender.Store promises
	reasonTrimmed = "trimmed"
)

// Purge implements [sender.Log]. Identities are kept for 24 hours even if r.Identity is less. It looks at what it removes,
// and at all that is held for subscriptions that are not active.
func (s *Store) Purge(ctx context.Context, r sender.PurgeRequest) (p sender.Purged, err error) {
	now, err := s.begin(ctx, "purge")
	if err != nil {
		return p, err
	}
	defer s.end()
	left := func() int { return r.Limit - p.Deliveries - p.Events - p.Held }
	for len(s.finished) > 0 && left() > 0 && isOld(s.finished[0].at, r.Finished, now) {
		s.forget(s.finished[0])
		s.finished[0] = nil // the array behind it stays for a while
		s.finished = s.finished[1:]
		p.Deliveries++
	}
	for len(s.orphans) > 0 && left() > 0 && isOld(s.orphans[0].PublishedAt, max(r.Identity, minIdentity), now) {
		e := heap.Pop(&s.orphans).(*event)
		delete(s.org(e.Org).events, e.Event.ID)
		p.Events++
	}
	for name, o := range s.orgs {
		for _, u := range o.subscriptions {
			if !u.active() {
				p.Held += s.trim(u, r, left(), now)
			}
		}
		if len(o.subscriptions)+len(o.events) == 0 {
			delete(s.orgs, name)
		}
	}
	return p, nil
}

func isOld(at time.Time, age time.Duration, now time.Time) bool {
	return !at.After(now.Add(-max(0, age)))
}

// trim cancels the oldest held deliveries of an inactive subscription that are too many or too old, at most limit.
func (s *Store) trim(u *subscription, r sender.PurgeRequest, limit int, now time.Time) (n int) {
	held := slices.DeleteFunc(u.unclaimed(), func(d *delivery) bool { return d.isTest }) // a test is never held
	for n < min(len(held), limit) && (len(held)-n > max(0, r.HeldMax) || isOld(held[n].createdAt, r.HeldAge, now)) {
		s.cancel(held[n], reasonTrimmed, now)
		n++
	}
	return n
}
