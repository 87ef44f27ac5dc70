package sqlitestore

import "github.com/kirimhooks/kirimhooks/sender/driver"

const (
	// minPromote is how many retries and lapsed leases one claim lets become ready, if its limit is small.
	minPromote = 100

	sqlNthTimer = `
SELECT due_at FROM kirimhooks_deliveries INDEXED BY kirimhooks_timers WHERE phase >= 2 AND due_at <= ?
ORDER BY due_at LIMIT 1 OFFSET ?`

	sqlPromote = `
UPDATE kirimhooks_deliveries INDEXED BY kirimhooks_timers SET phase = 1 WHERE phase >= 2 AND due_at <= ?
RETURNING CAST(subscription AS INTEGER), CAST(is_test AS INTEGER)`

	sqlLapsedCancelling = `
SELECT delivery, attempt, is_test FROM kirimhooks_deliveries INDEXED BY kirimhooks_cancelling
WHERE phase = 4 AND due_at <= ?`

	sqlEndLapsed = `
UPDATE kirimhooks_deliveries SET phase = 0, due_at = ?, state = 'cancelled', token = 0, leases = 0
WHERE delivery = ? AND phase = 4`
)

// promote moves about limit deliveries whose time has come into their lanes, those first whose time came first. A
// lapsed lease stays with its token until somebody takes the delivery over: the holder may only be late.
func (tx *transaction) promote(limit int) (more bool, err error) {
	if err := tx.endLapsed(); err != nil {
		return false, err
	}
	until := tx.now
	if more, err = tx.row(sqlNthTimer, []any{tx.now, limit}, &until); err != nil {
		return false, err
	}
	var ready []lane
	err = tx.each(sqlPromote, []any{until}, func(scan scanner) error {
		var l lane
		err := scan(&l.subscription, &l.isTest)
		ready = append(ready, l)
		return err
	})
	for _, l := range ready {
		if err == nil {
			err = tx.openLane(l)
		}
	}
	return more, err
}

// endLapsed ends what was cancelled in flight and never heard of again.
func (tx *transaction) endLapsed() error {
	type lapse struct {
		number int64
		lost   driver.Attempt
	}
	var lapsed []lapse
	err := tx.each(sqlLapsedCancelling, []any{tx.now}, func(scan scanner) error {
		x := lapse{lost: driver.Attempt{ErrorClass: driver.ClassUnknown}}
		err := scan(&x.number, &x.lost.N, &x.lost.Test)
		x.lost.N++
		lapsed = append(lapsed, x)
		return err
	})
	if err != nil {
		return err
	}
	for _, x := range lapsed {
		if err := tx.logAttempt(x.number, &x.lost, 0); err != nil {
			return err
		}
		if _, err := tx.exec(sqlEndLapsed, tx.now, x.number); err != nil {
			return err
		}
	}
	return nil
}
