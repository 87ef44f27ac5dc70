package sqlitestore

import "context"

// Each finds some of what an org has. Its subscriptions are marked first, as DeleteSubscription does, and their rows
// go last: until then they tell whose the minutes are.
const (
	sqlCurrentOf = `
SELECT subscription FROM kirimhooks_subscriptions INDEXED BY kirimhooks_subscriptions_id
WHERE org = ? AND deleted_at = 0 LIMIT ?`

	sqlDeliveriesOf = `
SELECT delivery, CAST(event AS INTEGER) FROM kirimhooks_deliveries INDEXED BY kirimhooks_by_org WHERE org = ? LIMIT ?`

	sqlEventsOf = `SELECT event FROM kirimhooks_events INDEXED BY kirimhooks_events_of_org WHERE org = ? LIMIT ?`

	sqlDeletedOf = `
SELECT subscription FROM kirimhooks_subscriptions INDEXED BY kirimhooks_subscriptions_deleted
WHERE org = ? AND deleted_at > 0 LIMIT ?`
)

const (
	sqlEraseOrphan = `
DELETE FROM kirimhooks_orphans WHERE (published_at, event) = (
	SELECT published_at, event FROM kirimhooks_events WHERE event = ?)`

	sqlEraseEvent = `
DELETE FROM kirimhooks_events WHERE event = ?1 AND NOT EXISTS (
	SELECT 1 FROM kirimhooks_deliveries INDEXED BY kirimhooks_by_event WHERE event = ?1)`

	sqlEraseMinutes = `
DELETE FROM kirimhooks_minutes WHERE (subscription, minute, bucket) IN (
	SELECT subscription, minute, bucket FROM kirimhooks_minutes WHERE subscription = ? LIMIT ?)`

	sqlEraseSubscription = `DELETE FROM kirimhooks_subscriptions WHERE subscription = ?`
)

// Erase implements [driver.Log]. It counts the rows of every table. SQLite leaves the bytes in the file until it uses
// their room again, unless PRAGMA secure_delete is on; VACUUM removes them.
func (s *Store) Erase(ctx context.Context, org string, limit int) (rows int, err error) {
	err = s.write(ctx, "erase", func(tx *transaction) error {
		e := &erasure{tx: tx, org: org, left: limit}
		for _, step := range [...]func() error{e.unsubscribe, e.deliveries, e.events, e.subscriptions} {
			if err := step(); err != nil {
				return err
			}
		}
		rows = limit - e.left
		return nil
	})
	if err != nil {
		return 0, err
	}
	s.events.forget(org)
	s.records.forget(org)
	return rows, nil
}

// erasure is one call of Erase. A step has something to do only when the one before has nothing left.
type erasure struct {
	tx   *transaction
	org  string
	left int // rows; the last delivery may bring it below 0
}

// delete takes what it deletes off what is left.
func (e *erasure) delete(text string, args ...any) error {
	r, err := e.tx.exec(text, args...)
	if err != nil {
		return err
	}
	n, err := r.RowsAffected()
	e.left -= int(n)
	return err
}

// some gives the numbers that a query finds, as many as are left.
func (e *erasure) some(text string) ([]int64, error) {
	if e.left <= 0 {
		return nil, nil
	}
	return e.tx.numbers(text, e.org, e.left)
}

// unsubscribe sees to it that nothing is claimed any more.
func (e *erasure) unsubscribe() error {
	list, err := e.some(sqlCurrentOf)
	for _, number := range list {
		if err == nil {
			err = e.tx.unsubscribe(e.org, number)
			e.left--
		}
	}
	return err
}

// deliveries takes an event along with its last delivery: Purge would not find it any more.
func (e *erasure) deliveries() error {
	if e.left <= 0 {
		return nil
	}
	list, err := e.tx.pairs(sqlDeliveriesOf, e.org, e.left)
	if err != nil {
		return err
	}
	for _, x := range list {
		if e.left <= 0 {
			break
		}
		if err := e.delete(sqlPurgeDelivery, x[0]); err != nil {
			return err
		}
		if err := e.delete(sqlPurgeAttempts, x[0]); err != nil {
			return err
		}
		if err := e.delete(sqlEraseEvent, x[1]); err != nil {
			return err
		}
	}
	return nil
}

// events are those that no delivery needs.
func (e *erasure) events() error {
	list, err := e.some(sqlEventsOf)
	if err != nil {
		return err
	}
	for _, number := range list {
		if e.left <= 0 {
			break
		}
		if err := e.delete(sqlEraseOrphan, number); err != nil {
			return err
		}
		if err := e.delete(sqlEraseEvent, number); err != nil {
			return err
		}
	}
	return nil
}

// subscriptions have thousands of minutes each.
func (e *erasure) subscriptions() error {
	list, err := e.some(sqlDeletedOf)
	if err != nil {
		return err
	}
	for _, number := range list {
		if e.left <= 0 {
			break
		}
		if err := e.delete(sqlEraseMinutes, number, e.left); err != nil || e.left <= 0 {
			return err
		}
		if err := e.delete(sqlEraseSubscription, number); err != nil {
			return err
		}
	}
	return nil
}
