package sqlitestore

import (
	"context"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const (
	minIdentity  = 24 * time.Hour // the least that driver.Store promises
	defaultPurge = 1000           // rows, where the request names no limit
)

// Purge implements [driver.Log]. Identities are kept for 24 hours even if r.Identity is less. What still waits for
// subscriptions that were deleted is cancelled here, and counts as Held.
func (s *Store) Purge(ctx context.Context, r driver.PurgeRequest) (purged driver.Purged, err error) {
	if r.Limit <= 0 {
		r.Limit = defaultPurge
	}
	err = s.write(ctx, "purge", func(tx *transaction) error {
		p := &purge{tx: tx, r: r}
		for _, step := range [...]func() error{p.promote, p.deliveries, p.events, p.held, p.minutes} {
			if err := step(); err != nil {
				return err
			}
		}
		purged = p.done
		return nil
	})
	if err != nil {
		return driver.Purged{}, err
	}
	return purged, nil
}

type purge struct {
	tx   *transaction
	r    driver.PurgeRequest
	done driver.Purged
}

// promote does what Claim does first, in case nobody claims: a lease that ran out unsettled is no reason to keep anything.
func (p *purge) promote() error {
	_, err := p.tx.promote(p.r.Limit)
	return err
}

func (p *purge) left() int { return max(0, p.r.Limit-p.done.Deliveries-p.done.Events-p.done.Held) }

const (
	sqlOldestFinished = `
SELECT at, delivery FROM kirimhooks_deliveries INDEXED BY kirimhooks_finished WHERE place = 0 AND at <= ?
ORDER BY at, delivery LIMIT ?`

	sqlPurgeDeliveries = `
DELETE FROM kirimhooks_deliveries INDEXED BY kirimhooks_finished
WHERE place = 0 AND at <= ?1 AND (at < ?1 OR delivery <= ?2)
RETURNING delivery, CAST(event AS INTEGER)`

	sqlPurgeAttempts = `DELETE FROM kirimhooks_attempts WHERE delivery = ?`

	sqlOrphan = `
INSERT OR IGNORE INTO kirimhooks_orphans (published, event) SELECT published, event FROM kirimhooks_events WHERE event = ?1
	AND NOT EXISTS (SELECT 1 FROM kirimhooks_deliveries INDEXED BY kirimhooks_by_event WHERE event = ?1)`
)

func (p *purge) deliveries() error {
	last, err := p.tx.last(sqlOldestFinished, before(p.tx.now, p.r.Finished), p.left())
	if err != nil || last.number == 0 {
		return err
	}
	var gone, events []int64
	err = p.tx.each(sqlPurgeDeliveries, []any{last.at, last.number}, func(scan scanner) error {
		var delivery, event int64
		err := scan(&delivery, &event)
		gone, events = append(gone, delivery), append(events, event)
		return err
	})
	if err != nil {
		return err
	}
	p.done.Deliveries = len(gone)
	if err := p.tx.forEach(sqlPurgeAttempts, gone); err != nil {
		return err
	}
	return p.tx.forEach(sqlOrphan, events)
}

// forEach runs a statement for one number after the other.
func (tx *transaction) forEach(text string, numbers []int64) error {
	for _, n := range numbers {
		if _, err := tx.exec(text, n); err != nil {
			return err
		}
	}
	return nil
}

const (
	sqlOldestOrphans = `SELECT published, event FROM kirimhooks_orphans WHERE published <= ? ORDER BY published, event LIMIT ?`
	sqlPurgeOrphan   = `DELETE FROM kirimhooks_orphans WHERE published = ? AND event = ?`
	sqlPurgeEvent    = `DELETE FROM kirimhooks_events WHERE event = ?`
)

func (p *purge) events() error {
	var old []position
	err := p.tx.each(sqlOldestOrphans, []any{before(p.tx.now, max(p.r.Identity, minIdentity)), p.left()}, func(scan scanner) error {
		var o position
		err := scan(&o.at, &o.number)
		old = append(old, o)
		return err
	})
	if err != nil {
		return err
	}
	for _, o := range old {
		if _, err := p.tx.exec(sqlPurgeEvent, o.number); err != nil {
			return err
		}
		if _, err := p.tx.exec(sqlPurgeOrphan, o.at, o.number); err != nil {
			return err
		}
	}
	p.done.Events = len(old)
	return nil
}

const sqlPurgeMinutes = `
DELETE FROM kirimhooks_minutes WHERE (sub, minute, bucket) IN (
	SELECT sub, minute, bucket FROM kirimhooks_minutes INDEXED BY kirimhooks_minutes_age WHERE minute < ? ORDER BY minute LIMIT ?)`

// minutes forgets counts. They are not reported: a call that does nothing else may leave some for the next.
func (p *purge) minutes() error {
	_, err := p.tx.exec(sqlPurgeMinutes, before(p.tx.now, minutesKept)/int64(time.Minute), p.r.Limit)
	return err
}
