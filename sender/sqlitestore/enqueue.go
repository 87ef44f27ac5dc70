package sqlitestore

import (
	"bytes"
	"context"
	"fmt"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Enqueue implements [driver.Enqueuer]. All publications of a call are one transaction: an error means that none of
// them is stored.
func (s *Store) Enqueue(
	ctx context.Context, pubs []driver.Publication, claim *driver.ClaimRequest,
) (results []driver.Enqueued, claims []driver.Claim, err error) {
	if len(pubs) == 0 {
		return nil, nil, failed("enqueue", ctx, ctx.Err())
	}
	var l *leaser
	var ready bool
	err = s.write(ctx, "enqueue", func(tx *transaction) (err error) {
		if claim != nil {
			l = tx.newLeaser(claim)
		}
		results, ready, err = tx.enqueue(pubs, l)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if ready {
		s.wakeup.ring()
	}
	if l != nil && len(l.claims) > 0 {
		s.wakeup.expect(l.until)
		claims = l.claims
	}
	return results, claims, nil
}

// enqueue stores what it can and tells of the rest; ready reports that there is something for Claim. l may be nil.
func (tx *transaction) enqueue(
	pubs []driver.Publication, l *leaser,
) (results []driver.Enqueued, ready bool, err error) {
	results = make([]driver.Enqueued, len(pubs))
	for i := range pubs {
		if err := tx.publish(&pubs[i], l, &results[i]); err != nil {
			return nil, false, err
		}
	}
	return results, len(tx.opened) > 0, tx.fanOut(l)
}

// publish stores one publication. err is the database's; what is wrong with the publication goes into the result.
func (tx *transaction) publish(p *driver.Publication, l *leaser, result *driver.Enqueued) error {
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
	for _, s := range matches {
		if p.Only == "" && !s.isActive() && s.err == nil && len(result.Inactive) < driver.MaxInactive {
			result.Inactive = append(result.Inactive, s.record.ID)
		}
	}
	if len(matches) == 0 {
		return nil
	}
	return tx.addDeliveries(p, event, matches, l)
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
		result.Err = fmt.Errorf("sqlitestore: event %q of org %q is known with another body: %w",
			p.Event.ID, p.Org, driver.ErrConflict)
	}
	return true, nil
}
