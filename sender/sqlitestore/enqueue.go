package sqlitestore

import (
	"bytes"
	"context"
	"fmt"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const maxInactive = 16 // of Enqueued.Inactive

// Enqueue implements [driver.Enqueuer]. All publications of a call are one transaction: an error means that none of them
// is stored.
func (s *Store) Enqueue(ctx context.Context, pubs []driver.Publication, claim *driver.ClaimRequest) ([]driver.Enqueued, []driver.Claim, error) {
	if err := checkClaim(claim); err != nil {
		return nil, nil, err
	}
	if len(pubs) == 0 {
		return nil, nil, failed("enqueue", ctx, ctx.Err())
	}
	var results []driver.Enqueued
	var t *turn
	var stored []numberedEvent
	ready := false
	err := s.write(ctx, "enqueue", func(tx *transaction) (err error) {
		t, tx.keeps = tx.newTurn(claim), true
		results, ready, err = tx.enqueue(pubs, t)
		stored = tx.stored
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	for _, e := range stored {
		s.bodies.put(e.number, e.StoredEvent)
	}
	if ready {
		s.bell.ring()
	}
	if t == nil {
		return results, nil, nil
	}
	if len(t.claims) > 0 {
		s.bell.expect(t.until)
	}
	return results, t.claims, nil
}

// enqueue stores what it can and tells of the rest; ready reports that there is something for Claim. t may be nil.
func (tx *transaction) enqueue(pubs []driver.Publication, t *turn) (results []driver.Enqueued, ready bool, err error) {
	results = make([]driver.Enqueued, len(pubs))
	b := &births{tx: tx, turn: t}
	if t != nil {
		b.records, b.events = map[int64]*driver.SubscriptionRecord{}, map[int64]*driver.StoredEvent{}
	}
	for i := range pubs {
		if err := tx.publish(&pubs[i], b, &results[i]); err != nil {
			return nil, false, err
		}
	}
	if err := b.bear(); err != nil {
		return nil, false, err
	}
	ready, err = b.deliver()
	return results, ready, err
}

// publish stores one publication, but for its deliveries. err is the database's; what is wrong with the publication goes into the
// result.
func (tx *transaction) publish(p *driver.Publication, b *births, result *driver.Enqueued) error {
	if p.Event.ID == "" {
		result.Err = fmt.Errorf("sqlitestore: an event of org %q has no id: %w", p.Org, driver.ErrInvalid)
		return nil
	}
	if err := p.Valid(); err != nil {
		result.Err = fmt.Errorf("sqlitestore: event %q of org %q: %w", p.Event.ID, p.Org, err)
		return nil
	}
	matches, err := tx.match(p)
	if err != nil {
		return err
	}
	if p.Only != "" && len(matches) == 0 {
		known, err := tx.duplicate(p, result)
		if !known {
			result.Err = notFound("subscription", p.Org, p.Only)
		}
		return err
	}
	event, err := tx.addEvent(p, len(matches) == 0)
	if err != nil {
		return err
	}
	if event == 0 {
		_, err := tx.duplicate(p, result)
		return err
	}
	result.Deliveries = len(matches)
	for _, m := range matches {
		if p.Only == "" && !m.active() && !m.broken && len(result.Inactive) < maxInactive {
			result.Inactive = append(result.Inactive, m.record.ID)
		}
	}
	b.add(p, event, matches)
	return nil
}

const sqlDigest = `SELECT digest FROM kirimhooks_events WHERE org = ? AND id = ?`

// duplicate finds out whether the event is known, and with this digest.
func (tx *transaction) duplicate(p *driver.Publication, result *driver.Enqueued) (known bool, err error) {
	var digest []byte
	known, err = tx.row(sqlDigest, []any{p.Org, p.Event.ID}, &digest)
	if !known || err != nil {
		return known, err
	}
	result.Duplicate = true
	if !bytes.Equal(digest, p.Digest[:]) {
		result.Err = fmt.Errorf("sqlitestore: event %q of org %q is known with another body: %w", p.Event.ID, p.Org, driver.ErrConflict)
	}
	return true, nil
}
