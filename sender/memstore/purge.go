package memstore

import (
	"context"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

const (
	minIdentity   = 24 * time.Hour // the least that sender.Store promises
	defaultPurge  = 1000           // rows, where the request names no limit
	reasonTrimmed = "trimmed"
)

// Purge implements [sender.Log]. Identities are kept for 24 hours even if r.Identity is less. It looks at what it removes,
// and at all that is held for subscriptions that are not active.
func (s *Store) Purge(ctx context.Context, r sender.PurgeRequest) (sender.Purged, error) {
	now, err := s.begin(ctx, "purge")
	if err != nil {
		return sender.Purged{}, err
	}
	defer s.end()
	if r.Limit <= 0 {
		r.Limit = defaultPurge
	}
	var p sender.Purged
	left := func() int { return r.Limit - p.Deliveries - p.Events - p.Held }
	for len(s.finished) > 0 && left() > 0 && !s.finished[0].at.After(ago(now, r.Finished)) {
		s.forget(s.finished[0])
		s.finished[0] = nil
		s.finished = s.finished[1:]
		p.Deliveries++
	}
	for left() > 0 && s.forgetOrphan(ago(now, max(r.Identity, minIdentity))) {
		p.Events++
	}
	for _, o := range s.orgs {
		for _, u := range o.subscriptions {
			if !u.active() && left() > 0 {
				p.Held += s.trim(u, r, left(), now)
			}
		}
	}
	return p, nil
}

// ago is the moment before which things are older than age.
func ago(now time.Time, age time.Duration) time.Time { return now.Add(-max(0, age)) }

// trim cancels the oldest held deliveries of an inactive subscription that are too many or too old, at most limit.
func (s *Store) trim(u *subscription, r sender.PurgeRequest, limit int, now time.Time) int {
	held := slices.DeleteFunc(u.lane.unclaimed(), func(d *delivery) bool { return d.isTest }) // a test is never held
	n := max(0, len(held)-max(0, r.HeldMax))
	for n < len(held) && !held[n].createdAt.After(ago(now, r.HeldAge)) {
		n++
	}
	n = min(n, limit)
	for _, d := range held[:n] {
		s.cancel(d, reasonTrimmed, now)
	}
	return n
}
