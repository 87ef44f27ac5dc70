package sqlitestore

import "context"

// Each finds some of what an org has.
const (
	sqlCurrentOf = `
SELECT subscription FROM kirimhooks_subscriptions INDEXED BY kirimhooks_subscriptions_id
WHERE org = ? AND deleted_at = 0 LIMIT ?`

	sqlDeletedOf = `
SELECT subscription FROM kirimhooks_subscriptions INDEXED BY kirimhooks_subscriptions_deleted
WHERE org = ? AND deleted_at > 0 LIMIT ?`

	sqlDeliveriesOf = `SELECT delivery FROM kirimhooks_deliveries INDEXED BY kirimhooks_by_org WHERE org = ? LIMIT ?`
	sqlEventsOf     = `SELECT event FROM kirimhooks_events INDEXED BY kirimhooks_events_of_org WHERE org = ? LIMIT ?`
)

const (
	// An event goes along with its last delivery: Purge would not find it any more.
	sqlEraseEventOf = `
DELETE FROM kirimhooks_events AS e
WHERE event = (SELECT event FROM kirimhooks_deliveries WHERE delivery = ?1) AND NOT EXISTS (
	SELECT 1 FROM kirimhooks_deliveries INDEXED BY kirimhooks_by_event WHERE event = e.event AND delivery != ?1)`

	sqlEraseOrphan = `
DELETE FROM kirimhooks_orphans WHERE (published_at, event) = (
	SELECT published_at, event FROM kirimhooks_events WHERE event = ?)`

	sqlEraseEvent = `DELETE FROM kirimhooks_events WHERE event = ?`

	// A subscription may have tens of thousands.
	sqlEraseMinutes = `
DELETE FROM kirimhooks_minutes WHERE (subscription, minute, bucket) IN (
	SELECT subscription, minute, bucket FROM kirimhooks_minutes WHERE subscription = ? LIMIT 1000)`

	sqlEraseSubscription = `
DELETE FROM kirimhooks_subscriptions WHERE subscription = ?1 AND NOT EXISTS (
	SELECT 1 FROM kirimhooks_minutes WHERE subscription = ?1)`
)

// erasing is what goes, in this order: a step has something to do once the one before has nothing left. The rows of
// subscriptions, which are deleted by then, tell whose the minutes are.
var erasing = [...]struct {
	find  string
	texts []string
}{
	{sqlDeliveriesOf, []string{sqlEraseEventOf, sqlPurgeAttempts, sqlPurgeDelivery}},
	{sqlEventsOf, []string{sqlEraseOrphan, sqlEraseEvent}},
	{sqlDeletedOf, []string{sqlEraseMinutes, sqlEraseSubscription}},
}

// Erase implements [driver.Log]. It counts the rows of every table. SQLite leaves the bytes in the file until it uses
// their room again, unless PRAGMA secure_delete is on; VACUUM removes them. Other processes forget events of the org,
// which they may have in memory, as others come.
func (s *Store) Erase(ctx context.Context, org string, limit int) (rows int, err error) {
	err = s.write(ctx, "erase", func(tx *transaction) error {
		rows, err = tx.erase(org, limit)
		return err
	})
	if err != nil {
		return 0, err
	}
	s.events.forget(org)
	s.records.forget(org)
	return rows, nil
}

func (tx *transaction) erase(org string, limit int) (rows int, err error) {
	current, err := tx.numbers(sqlCurrentOf, org, limit)
	if err != nil {
		return 0, err
	}
	for _, number := range current {
		if err := tx.unsubscribe(org, number); err != nil {
			return 0, err
		}
		rows++
	}
	for _, step := range erasing {
		list, err := tx.numbers(step.find, org, limit-rows)
		if err != nil {
			return 0, err
		}
		for _, number := range list {
			for _, text := range step.texts {
				n, err := tx.affect(text, number)
				if err != nil {
					return 0, err
				}
				rows += n
			}
			if rows >= limit {
				return rows, nil
			}
		}
	}
	return rows, nil
}
