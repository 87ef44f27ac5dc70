package sqlitestore

import (
	"context"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// sqlLives is a condition on a delivery that is changed by its number: its subscription is not gone.
const sqlLives = `(SELECT gone FROM kirimhooks_subscriptions s WHERE s.sub = kirimhooks_deliveries.sub) = 0`

const sqlRetryNow = `
UPDATE kirimhooks_deliveries INDEXED BY kirimhooks_by_org SET place = 1, at = ?1
WHERE org = ?2 AND delivery IN (SELECT value FROM json_each(?3)) AND place = 2 AND at > ?1 AND ` + sqlLives + `
RETURNING delivery, sub << 1 | test`

// RetryNow implements [driver.Log].
func (s *Store) RetryNow(ctx context.Context, q driver.DeliveryQuery) ([]string, error) {
	f, err := s.newFilter(ctx, &q)
	if err != nil || f.nothing {
		return nil, failed("retry now", ctx, err)
	}
	if q.EventID == "" && len(q.IDs) == 0 {
		f.index = `INDEXED BY kirimhooks_retries`
	}
	f.add(`d.place = 2`)
	f.add(`d.at > ?`, s.now()) // the others are due, and only have not been looked at
	f.add(sqlGone + ` = 0`)
	ids, err := change(ctx, s, "retry now", f, limit(&q), func(tx *transaction, found []int64) ([]string, error) {
		return tx.retryNow(q.Org, found)
	})
	if len(ids) > 0 {
		s.bell.ring()
	}
	return ids, err
}

func (tx *transaction) retryNow(org string, found []int64) (ids []string, err error) {
	due := map[int64]bool{}
	var lanes []lane
	err = tx.each(sqlRetryNow, []any{tx.now, org, listed(found)}, func(scan scanner) error {
		var number, code int64
		err := scan(&number, &code)
		due[number], lanes = true, append(lanes, laneOf(code))
		return err
	})
	if err != nil || len(due) == 0 {
		return nil, err
	}
	if err := tx.openLanes(lanes); err != nil {
		return nil, err
	}
	for _, number := range found {
		if due[number] {
			ids = append(ids, tx.store.encodeID(number))
		}
	}
	_, err = tx.exec(sqlChanged) // for the other processes
	return ids, err
}
