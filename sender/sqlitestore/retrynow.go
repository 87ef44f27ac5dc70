package sqlitestore

import (
	"context"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const (
	sqlRetryNow = `
UPDATE kirimhooks_deliveries AS d SET phase = 1, due_at = ?1
WHERE delivery = ?2 AND phase = 2 AND due_at > ?1 AND ` + sqlNotDeleted

	sqlLaneOf = `SELECT subscription, is_test FROM kirimhooks_deliveries WHERE delivery = ?`
)

// RetryNow implements [driver.Log].
func (s *Store) RetryNow(ctx context.Context, q driver.DeliveryQuery) ([]string, error) {
	f, err := s.newFilter(ctx, &q)
	if err != nil || f.nothing {
		return nil, failed("retry now", ctx, err)
	}
	if q.EventID == "" && len(q.IDs) == 0 {
		f.index = `kirimhooks_waiting_of_org`
	}
	f.add(`d.phase = 2`)
	f.add(`d.due_at > ?`, s.now()) // the others are due, and only have not been looked at
	f.add(sqlNotDeleted)
	ids, err := changeEach(ctx, s, "retry now", f, limit(q.Limit), (*transaction).retryNow)
	if len(ids) > 0 {
		s.wakeup.ring()
	}
	return ids, err
}

func (tx *transaction) retryNow(number int64) (id string, changed bool, err error) {
	changed, err = tx.change(sqlRetryNow, tx.now, number)
	if !changed || err != nil {
		return "", false, err
	}
	if err := tx.openLaneOf(number); err != nil {
		return "", false, err
	}
	_, err = tx.exec(sqlRelease)
	return tx.store.encodeID(number), true, err
}

// openLaneOf opens the lane of a delivery.
func (tx *transaction) openLaneOf(number int64) error {
	var l lane
	if _, err := tx.row(sqlLaneOf, []any{number}, &l.subscription, &l.isTest); err != nil {
		return err
	}
	return tx.openLane(l)
}
