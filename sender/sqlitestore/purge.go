package sqlitestore

import (
	"context"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const minIdentity = 24 * time.Hour // the least that driver.Store promises

// Purge implements [driver.Log]. Identities are kept for 24 hours even if r.Identity is less. What still waits for
// subscriptions that were deleted is cancelled here, and counts as Held.
func (s *Store) Purge(ctx context.Context, r driver.PurgeRequest) (purged driver.Purged, err error) {
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

// promote does what Claim does first, in case nobody claims: a lease that ran out unsettled is no reason to keep
// anything.
func (p *purge) promote() error {
	_, err := p.tx.promote(p.r.Limit)
	return err
}

func (p *purge) left() int { return max(0, p.r.Limit-p.done.Deliveries-p.done.Events-p.done.Held) }

const (
	sqlOldestFinished = `
SELECT delivery, CAST(event AS INTEGER) FROM kirimhooks_deliveries INDEXED BY kirimhooks_finished
WHERE phase = 0 AND due_at <= ? ORDER BY due_at, delivery LIMIT ?`

	sqlPurgeDelivery = `DELETE FROM kirimhooks_deliveries WHERE delivery = ?`
	sqlPurgeAttempts = `DELETE FROM kirimhooks_attempts WHERE delivery = ?`

	sqlOrphan = `
INSERT OR IGNORE INTO kirimhooks_orphans (published_at, event)
SELECT published_at, event FROM kirimhooks_events WHERE event = ?1
	AND NOT EXISTS (SELECT 1 FROM kirimhooks_deliveries INDEXED BY kirimhooks_by_event WHERE event = ?1)`
)

func (p *purge) deliveries() error {
	old, err := p.tx.pairs(sqlOldestFinished, before(p.tx.now, p.r.Finished), p.left())
	if err != nil {
		return err
	}
	for _, x := range old {
		delivery, event := x[0], x[1]
		for _, step := range [...]struct {
			text   string
			number int64
		}{{sqlPurgeDelivery, delivery}, {sqlPurgeAttempts, delivery}, {sqlOrphan, event}} {
			if _, err := p.tx.exec(step.text, step.number); err != nil {
				return err
			}
		}
	}
	p.done.Deliveries = len(old)
	return nil
}

const (
	sqlOldestOrphans = `
SELECT published_at, event FROM kirimhooks_orphans WHERE published_at <= ? ORDER BY published_at, event LIMIT ?`

	sqlPurgeOrphan = `DELETE FROM kirimhooks_orphans WHERE published_at = ? AND event = ?`
	sqlPurgeEvent  = `DELETE FROM kirimhooks_events WHERE published_at = ? AND event = ?`
)

func (p *purge) events() error {
	old, err := p.tx.pairs(sqlOldestOrphans, before(p.tx.now, max(p.r.Identity, minIdentity)), p.left())
	if err != nil {
		return err
	}
	for _, x := range old {
		if _, err := p.tx.exec(sqlPurgeEvent, x[0], x[1]); err != nil {
			return err
		}
		if _, err := p.tx.exec(sqlPurgeOrphan, x[0], x[1]); err != nil {
			return err
		}
	}
	p.done.Events = len(old)
	return nil
}

// pairs gives the first two columns of every row.
func (tx *transaction) pairs(text string, args ...any) (list [][2]int64, err error) {
	err = tx.each(text, args, func(scan scanner) error {
		var x [2]int64
		err := scan(&x[0], &x[1])
		list = append(list, x)
		return err
	})
	return list, err
}

const sqlPurgeMinutes = `
DELETE FROM kirimhooks_minutes WHERE (subscription, minute, bucket) IN (
	SELECT subscription, minute, bucket FROM kirimhooks_minutes INDEXED BY kirimhooks_minutes_age
	WHERE minute < ? ORDER BY minute LIMIT ?)`

// minutes forgets counts. They are not reported: a call that does nothing else may leave some for the next.
func (p *purge) minutes() error {
	_, err := p.tx.exec(sqlPurgeMinutes, before(p.tx.now, minutesKept)/int64(time.Minute), p.r.Limit)
	return err
}
