package sqlitestore

import (
	"context"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const (
	// What waits ends now, and so does what has outlived its lease; what is in flight ends with it.
	sqlCancelNow = `
UPDATE kirimhooks_deliveries INDEXED BY kirimhooks_by_org SET
	place  = CASE WHEN place = 3 AND at > ?1 THEN 4      ELSE 0           END,
	at     = CASE WHEN place = 3 AND at > ?1 THEN at     ELSE ?1          END,
	state  = CASE WHEN place = 3 AND at > ?1 THEN state  ELSE 'cancelled' END,
	token  = CASE WHEN place = 3 AND at > ?1 THEN token  ELSE 0           END,
	leased = CASE WHEN place = 3 AND at > ?1 THEN leased ELSE 0           END,
	reason = '` + driver.ReasonCancelled + `'
WHERE org = ?2 AND delivery IN (SELECT value FROM json_each(?3)) AND place BETWEEN 1 AND 3 AND ` + sqlLives + `
RETURNING delivery, place = 0`

	sqlEndLeased = `
UPDATE kirimhooks_deliveries SET place = 0, at = ?, state = 'cancelled', attempt = max(attempt, ?), leased = 0
WHERE delivery = ? AND org = ? AND token = ? AND place = 4
RETURNING sub << 1 | test`

	sqlLapsedEnding = `
SELECT delivery, attempt, test FROM kirimhooks_deliveries INDEXED BY kirimhooks_ending WHERE place = 4 AND at <= ?`

	sqlEndLapsed = `
UPDATE kirimhooks_deliveries SET place = 0, at = ?, state = 'cancelled', token = 0, leased = 0 WHERE delivery = ? AND place = 4`
)

// Cancel implements [driver.Log].
func (s *Store) Cancel(ctx context.Context, q driver.DeliveryQuery) ([]driver.Cancelled, error) {
	f, err := s.newFilter(ctx, &q)
	if err != nil || f.nothing {
		return nil, failed("cancel", ctx, err)
	}
	f.add(`d.place BETWEEN 1 AND 3`)
	f.add(sqlGone + ` = 0`)
	return change(ctx, s, "cancel", f, limit(&q), func(tx *transaction, found []int64) ([]driver.Cancelled, error) {
		return tx.cancel(q.Org, found)
	})
}

func (tx *transaction) cancel(org string, found []int64) (cancelled []driver.Cancelled, err error) {
	ended := map[int64]bool{}
	err = tx.each(sqlCancelNow, []any{tx.now, org, listed(found)}, func(scan scanner) error {
		var number int64
		var now bool
		err := scan(&number, &now)
		ended[number] = now
		return err
	})
	for _, number := range found {
		if now, done := ended[number]; done {
			cancelled = append(cancelled, driver.Cancelled{ID: tx.store.encodeID(number), Ended: now})
		}
	}
	return cancelled, err
}

// end applies an outcome that did not deliver to a delivery that was cancelled meanwhile.
func (b *settlement) end(r *result) error {
	n := 0
	if a := r.Attempt; a != nil && a.ErrorClass != driver.ClassUnknown {
		n = a.N
	}
	var code int64
	found, err := b.tx.row(sqlEndLeased, []any{b.tx.now, n, r.number, r.Org, r.token}, &code)
	if found {
		r.applied, r.cancelled, r.place, r.lane = true, true, placeFinished, laneOf(code)
	}
	return err
}

// endLapsed ends what was cancelled in flight and never heard of again.
func (tx *transaction) endLapsed() error {
	var lapsed []lapse
	err := tx.each(sqlLapsedEnding, []any{tx.now}, func(scan scanner) error {
		var x lapse
		err := scan(&x.number, &x.n, &x.test)
		lapsed = append(lapsed, x)
		return err
	})
	if err != nil {
		return err
	}
	for _, x := range lapsed {
		if err := tx.logAttempt(x.number, &driver.Attempt{N: x.n + 1, ErrorClass: driver.ClassUnknown, Test: x.test}, 0); err != nil {
			return err
		}
		if _, err := tx.exec(sqlEndLapsed, tx.now, x.number); err != nil {
			return err
		}
	}
	return nil
}
