package sqlitestore

import (
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// health is that of a subscription while a batch of outcomes changes it.
type health struct {
	deleted bool
	dead    int   // in a row
	since   int64 // if dead > 0
	changed bool
}

// Health that does not decode counts as none.
const (
	sqlHealth = `
SELECT s.subscription, s.deleted_at > 0, CAST(s.consecutive_dead AS INTEGER), CAST(s.failing_since AS INTEGER)
FROM json_each(?) CROSS JOIN kirimhooks_subscriptions s INDEXED BY kirimhooks_subscriptions_failing
WHERE s.subscription = json_each.value AND (s.deleted_at > 0 OR s.consecutive_dead > 0)`

	sqlSaveHealth = `UPDATE kirimhooks_subscriptions SET consecutive_dead = ?, failing_since = ? WHERE subscription = ?`
)

// loadHealth fills in the health of subscriptions. They are there as long as a delivery names them: those that the
// query does not give are in good health.
func (tx *transaction) loadHealth(all map[int64]*health) error {
	list := make([]int64, 0, len(all))
	for number := range all {
		list = append(list, number)
		all[number] = &health{}
	}
	return tx.each(sqlHealth, []any{jsonOf(list)}, func(scan scanner) error {
		var number int64
		var h health
		err := scan(&number, &h.deleted, &h.dead, &h.since)
		all[number] = &h
		return err
	})
}

func (tx *transaction) saveHealth(all map[int64]*health) error {
	for number, h := range all {
		if !h.changed {
			continue
		}
		if _, err := tx.exec(sqlSaveHealth, h.dead, h.since, number); err != nil {
			return err
		}
	}
	return nil
}

// count counts an outcome. A success while there is nothing to forgive writes nothing.
func (h *health) count(e driver.HealthEvent, now int64) {
	switch {
	case e == driver.HealthSuccess && h.dead > 0:
		h.dead, h.changed = 0, true
	case e == driver.HealthDead:
		if h.dead == 0 {
			h.since = now
		}
		h.dead, h.changed = h.dead+1, true
	}
}

// told is the health as the sender sees it.
func (h *health) told(now int64) driver.Health {
	if h.dead == 0 {
		return driver.Health{}
	}
	return driver.Health{ConsecutiveDead: h.dead, FailingFor: max(0, time.Duration(now-h.since))}
}
