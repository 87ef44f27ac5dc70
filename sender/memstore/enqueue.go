package memstore

import (
	"context"
	"fmt"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const maxInactive = 16 // of Enqueued.Inactive

// Enqueue implements [driver.Enqueuer].
func (s *Store) Enqueue(ctx context.Context, pubs []driver.Publication, claim *driver.ClaimRequest) ([]driver.Enqueued, []driver.Claim, error) {
	if err := checkClaim(claim); err != nil {
		return nil, nil, err
	}
	now, err := s.begin(ctx, "enqueue")
	if err != nil {
		return nil, nil, err
	}
	defer s.mu.Unlock()
	var t *turn
	if claim != nil {
		t = s.newTurn(claim, now)
	}
	results := make([]driver.Enqueued, len(pubs))
	for i := range pubs {
		results[i] = s.enqueue(&pubs[i], t, now)
	}
	if t == nil {
		return results, nil, nil
	}
	if t.soonest {
		s.bell.ring()
	}
	return results, t.claims, nil
}

// enqueue stores one publication, or says why not.
func (s *Store) enqueue(p *driver.Publication, t *turn, now int64) driver.Enqueued {
	if err := check(p); err != nil {
		return driver.Enqueued{Err: err}
	}
	o := s.org(p.Org)
	if known, ok := s.known(o, p.Event.ID); ok {
		return duplicate(p, s.events.at(known).digest)
	}
	result, only := s.preview(o, p)
	if result.Err != nil {
		return result
	}
	event := s.addEvent(o, p, now)
	if result.Deliveries == 0 {
		s.orphans.add(event, now)
		return result
	}
	if only != nil {
		ref := s.deliver(event, only, true, now)
		if t != nil {
			t.take(ref)
		} else {
			s.arrive(ref, now)
		}
		return result
	}
	s.match(o, p.Topics, func(u *subscription) {
		ref := s.deliver(event, u, false, now)
		if t != nil && u.active() && t.room(u) > 0 {
			t.take(ref)
		} else {
			s.arrive(ref, now)
		}
	})
	return result
}

// preview says what the publication of a new event would do. With Only it returns that subscription.
func (s *Store) preview(o *org, p *driver.Publication) (result driver.Enqueued, only *subscription) {
	switch {
	case p.Only != "":
		if only = o.subscriptions[p.Only]; only == nil {
			result.Err = notFound("subscription", p.Org, p.Only)
		} else {
			result.Deliveries = 1
		}
	default:
		s.match(o, p.Topics, func(u *subscription) {
			result.Deliveries++
			if !u.active() && len(result.Inactive) < maxInactive {
				result.Inactive = append(result.Inactive, u.record.ID)
			}
		})
	}
	return result, only
}

// check refuses what other stores could not give back, so that a program meets it here already.
func check(p *driver.Publication) error {
	if p.Event.ID == "" {
		return fmt.Errorf("memstore: an event of org %q has no id: %w", p.Org, driver.ErrInvalid)
	}
	if err := p.Valid(); err != nil {
		return fmt.Errorf("memstore: event %q of org %q: %w", p.Event.ID, p.Org, err)
	}
	return nil
}

func duplicate(p *driver.Publication, digest [32]byte) driver.Enqueued {
	if digest == p.Digest {
		return driver.Enqueued{Duplicate: true}
	}
	return driver.Enqueued{
		Duplicate: true,
		Err:       fmt.Errorf("memstore: event %q of org %q is known with another body: %w", p.Event.ID, p.Org, driver.ErrConflict),
	}
}
