package memstore

import (
	"context"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const minIdentity = 24 * time.Hour // the least that driver.Store promises

// Purge implements [driver.Log]. Identities are kept for 24 hours even if r.Identity is less. While others wait it
// looks at every delivery until it has found r.Limit: some 50 ms for a million.
func (s *Store) Purge(ctx context.Context, r driver.PurgeRequest) (p driver.Purged, err error) {
	now, err := s.begin(ctx, "purge")
	if err != nil {
		return p, err
	}
	defer s.end()
	left := func() int { return r.Limit - p.Deliveries - p.Events - p.Held }
	for name, o := range s.orgs {
		o.log = slices.DeleteFunc(o.log, func(d *delivery) bool {
			old := left() > 0 && d.state != driver.StatePending && isOld(d.at, r.Finished, now)
			if old {
				s.forget(d)
				p.Deliveries++
			}
			return old
		})
		o.orphans = slices.DeleteFunc(o.orphans, func(e *event) bool {
			old := left() > 0 && isOld(e.PublishedAt, max(r.Identity, minIdentity), now)
			if old {
				delete(o.events, e.Event.ID)
				p.Events++
			}
			return old
		})
		for _, u := range o.subscriptions {
			if left() > 0 && !u.active() {
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

// forget removes a finished delivery from all but the log of its org.
func (s *Store) forget(d *delivery) {
	delete(s.deliveries, d.id)
	e, o := d.event, d.subscription.org
	e.deliveries = slices.DeleteFunc(e.deliveries, func(other *delivery) bool { return other == d })
	if len(e.deliveries) == 0 {
		o.orphans = append(o.orphans, e)
	}
	if d.state == driver.StateDead {
		o.dead--
	}
}

// trim cancels the oldest held deliveries of an inactive subscription that are too many or too old, at most limit.
func (s *Store) trim(u *subscription, r driver.PurgeRequest, limit int, now time.Time) (n int) {
	held := slices.DeleteFunc(u.unclaimed(), func(d *delivery) bool { return d.isTest }) // a test is never held
	for n < min(len(held), limit) && (len(held)-n > max(0, r.HeldMax) || isOld(held[n].createdAt, r.HeldAge, now)) {
		s.cancel(held[n], driver.ReasonTrimmed, now)
		n++
	}
	return n
}
