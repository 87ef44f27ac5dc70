package memstore

import (
	"context"
	"fmt"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

const maxInactive = 16 // of Enqueued.Inactive

// Enqueue implements [sender.Enqueuer].
func (s *Store) Enqueue(
	ctx context.Context, pubs []sender.Publication, claim *sender.ClaimRequest,
) ([]sender.Enqueued, []sender.Claim, error) {
	if err := checkClaim(claim); err != nil {
		return nil, nil, err
	}
	now, err := s.begin(ctx, "enqueue")
	if err != nil {
		return nil, nil, err
	}
	defer s.end()
	var c *claimer
	if claim != nil {
		c = s.newClaimer(claim, now)
	}
	results := make([]sender.Enqueued, len(pubs))
	for i := range pubs {
		results[i] = s.enqueue(&pubs[i], c, now)
	}
	if c == nil {
		return results, nil, nil
	}
	return results, c.claims, nil
}

// enqueue stores one publication, or says why not. What c has room for is born claimed; nil: nothing is.
func (s *Store) enqueue(p *sender.Publication, c *claimer, now time.Time) sender.Enqueued {
	result, matched := s.preview(p)
	if result.Err != nil || result.Duplicate {
		return result
	}
	e := s.addEvent(s.org(p.Org), p, now)
	if len(matched) == 0 {
		s.orphan(e)
	}
	isTest := p.Only != ""
	for _, u := range matched {
		d := s.deliver(e, u, isTest, now)
		if c != nil && (isTest || u.active() && c.room(u) > 0) {
			c.take(d)
		} else {
			s.wait(d, now, now)
		}
	}
	return result
}

// preview says what a publication would do, and for which subscriptions.
func (s *Store) preview(p *sender.Publication) (result sender.Enqueued, matched []*subscription) {
	if err := check(p); err != nil {
		return sender.Enqueued{Err: err}, nil
	}
	o := s.org(p.Org)
	if known := o.events[p.Event.ID]; known != nil {
		return duplicate(p, known.digest), nil
	}
	if p.Only != "" {
		u := o.subscriptions[p.Only]
		if u == nil {
			return sender.Enqueued{Err: notFound("subscription", p.Org, p.Only)}, nil
		}
		return sender.Enqueued{Deliveries: 1}, []*subscription{u}
	}
	matched = o.match(p.Topics)
	for _, u := range matched {
		if !u.active() && len(result.Inactive) < maxInactive {
			result.Inactive = append(result.Inactive, u.record.ID)
		}
	}
	result.Deliveries = len(matched)
	return result, matched
}

// check refuses what other stores could not give back, so that a program meets it here already.
func check(p *sender.Publication) error {
	if p.Event.ID == "" {
		return fmt.Errorf("memstore: an event of org %q has no id: %w", p.Org, sender.ErrInvalid)
	}
	if err := p.Valid(); err != nil {
		return fmt.Errorf("memstore: event %q of org %q: %w", p.Event.ID, p.Org, err)
	}
	return nil
}

// duplicate is the result of publishing an event whose id is known, with this digest.
func duplicate(p *sender.Publication, digest [32]byte) sender.Enqueued {
	result := sender.Enqueued{Duplicate: true}
	if digest != p.Digest {
		result.Err = fmt.Errorf("memstore: event %q of org %q is known with another body: %w", p.Event.ID, p.Org, sender.ErrConflict)
	}
	return result
}
