package memstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const (
	minIdentity   = 24 * time.Hour // the least that driver.Store promises
	defaultPurge  = 1000           // rows, where the request names no limit
	reasonTrimmed = "trimmed"
)

// Purge implements [driver.Log]. Identities are kept for 24 hours even if r.Identity is less.
func (s *Store) Purge(ctx context.Context, r driver.PurgeRequest) (driver.Purged, error) {
	now, err := s.begin(ctx, "purge")
	if err != nil {
		return driver.Purged{}, err
	}
	defer s.mu.Unlock()
	if r.Limit <= 0 {
		r.Limit = defaultPurge
	}
	var p driver.Purged
	left := func() int { return r.Limit - p.Deliveries - p.Events - p.Held }
	for ref := s.finished.first; ref != 0 && left() > 0 && s.deliveries.at(ref).at <= before(now, r.Finished); ref = s.finished.first {
		s.forget(ref)
		p.Deliveries++
	}
	for left() > 0 {
		ref, ok := s.orphans.pop(before(now, max(r.Identity, minIdentity)))
		if !ok {
			break
		}
		s.forgetEvent(ref)
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

// trim cancels the oldest held deliveries of an inactive subscription that are too many or too old, at most limit.
func (s *Store) trim(u *subscription, r driver.PurgeRequest, limit int, now int64) int {
	held := make([]uint32, 0, u.ready.n+u.waiting.n)
	for _, l := range []list{u.ready, u.waiting} {
		for ref := l.first; ref != 0; ref = s.deliveries.at(ref).next {
			if !s.deliveries.at(ref).test { // a test is never held
				held = append(held, ref)
			}
		}
	}
	slices.SortFunc(held, func(a, b uint32) int { return cmp.Compare(s.deliveries.at(a).seq, s.deliveries.at(b).seq) })
	n := max(0, len(held)-max(0, r.HeldMax))
	for n < len(held) && s.deliveries.at(held[n]).created <= before(now, r.HeldAge) {
		n++
	}
	n = min(n, limit)
	for _, ref := range held[:n] {
		s.cancel(ref, reasonTrimmed, now)
	}
	return n
}
