package sqlitestore

import (
	"context"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const (
	// What waits ends now, and so does what has outlived its lease.
	sqlCancelWaiting = `
UPDATE kirimhooks_deliveries AS d
SET phase = 0, due_at = ?1, state = 'cancelled', token = 0, leases = 0, reason = '` + driver.ReasonCancelled + `'
WHERE delivery = ?2 AND (phase IN (1, 2) OR phase = 3 AND due_at <= ?1) AND ` + sqlNotDeleted

	// What is in flight ends with its lease.
	sqlCancelInFlight = `
UPDATE kirimhooks_deliveries AS d SET phase = 4, reason = '` + driver.ReasonCancelled + `'
WHERE delivery = ? AND phase = 3 AND ` + sqlNotDeleted
)

// Cancel implements [driver.Log].
func (s *Store) Cancel(ctx context.Context, q driver.DeliveryQuery) ([]driver.Cancelled, error) {
	f, err := s.newFilter(ctx, &q)
	if err != nil || f.nothing {
		return nil, failed("cancel", ctx, err)
	}
	f.add(`d.phase BETWEEN 1 AND 3`)
	f.add(sqlNotDeleted)
	return changeEach(ctx, s, "cancel", f, limit(q.Limit), (*transaction).cancel)
}

func (tx *transaction) cancel(number int64) (c driver.Cancelled, changed bool, err error) {
	c.ID = tx.store.encodeID(number)
	if c.Ended, err = tx.change(sqlCancelWaiting, tx.now, number); c.Ended || err != nil {
		return c, c.Ended, err
	}
	changed, err = tx.change(sqlCancelInFlight, number)
	return c, changed, err
}
