package memstore

import (
	"cmp"
	"context"
	"fmt"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Enqueue implements [driver.Enqueuer].
func (s *Store) Enqueue(
	ctx context.Context, pubs []driver.Publication, r *driver.ClaimRequest,
) (results []driver.Enqueued, claims []driver.Claim, err error) {
	now, err := s.begin(ctx, "enqueue")
	if err != nil {
		return nil, nil, err
	}
	defer s.end()
	c := s.newClaimer(cmp.Or(r, &driver.ClaimRequest{}), now)
	for i := range pubs {
		results = append(results, s.enqueue(&pubs[i], c))
	}
	return results, c.claims, nil
}

// enqueue stores one publication, or says why not. What c has room for is born claimed, nothing if it has no lease.
func (s *Store) enqueue(p *driver.Publication, c *claimer) driver.Enqueued {
	result, matched := s.preview(p)
	if result.Err != nil || result.Duplicate {
		return result
	}
	e := s.addEvent(p, len(matched) > 0, c.now)
	for _, u := range matched {
		d := s.deliver(e, u, p.Only != "", c.now)
		if c.Lease > 0 && (d.isTest || u.active() && c.room(u) > 0) {
			c.take(d)
		} else {
			s.wait(d, c.now, c.now)
		}
	}
	return result
}

// preview says what a publication would do, and for which subscriptions.
func (s *Store) preview(p *driver.Publication) (result driver.Enqueued, matched []*subscription) {
	o := s.org(p.Org)
	if known := o.events[p.Event.ID]; known != nil {
		return duplicate(p, known.digest), nil
	}
	if p.Only != "" {
		u := o.subscriptions[p.Only]
		if u == nil {
			return driver.Enqueued{Err: notFound("subscription", p.Org, p.Only)}, nil
		}
		return driver.Enqueued{Deliveries: 1}, []*subscription{u}
	}
	matched = o.match(p.Topics)
	result.Deliveries = len(matched)
	for _, u := range matched {
		if !u.active() && len(result.Inactive) < driver.MaxInactive {
			result.Inactive = append(result.Inactive, u.record.ID)
		}
	}
	return result, matched
}

// duplicate is the result of publishing an event whose id is known, with this digest.
func duplicate(p *driver.Publication, digest [32]byte) (result driver.Enqueued) {
	result.Duplicate = true
	if digest != p.Digest {
		result.Err = fmt.Errorf("memstore: event %q of org %q is known with another body: %w",
			p.Event.ID, p.Org, driver.ErrConflict)
	}
	return result
}
