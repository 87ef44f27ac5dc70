package sqlitestore

import (
	"fmt"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// SQLite holds any value in any column, and a hand or a fault may have put it there. What does not decode is told, and stops
// nothing else: see the rules of [driver.Store].

func unreadable(what string, err error) error {
	return fmt.Errorf("%s: %w: %w", what, driver.ErrUnreadable, err)
}

// row is one of which not every column need be what it should.
type row []any

// scanAny fails only if the database does.
func scanAny(scan scanner, columns int) (row, error) {
	r, dest := make(row, columns), make([]any, columns)
	for i := range r {
		dest[i] = &r[i]
	}
	return r, scan(dest...)
}

// text is a column that holds one, else "".
func (r row) text(i int) string {
	switch v := r[i].(type) {
	case string:
		return v
	case []byte:
		return string(v)
	}
	return ""
}

// number is a column that holds one, else 0.
func (r row) number(i int) int64 {
	n, _ := r[i].(int64)
	return n
}

// flag is a column that is true or false, else false.
func (r row) flag(i int) bool { return r.number(i) == 1 }

const sqlSetAside = `
UPDATE kirimhooks_deliveries SET place = 0, at = ?, state = 'dead', reason = ?, leased = 0 WHERE delivery = ?
RETURNING coalesce((SELECT id FROM kirimhooks_events e WHERE e.event = kirimhooks_deliveries.event), ''),
	coalesce((SELECT type FROM kirimhooks_events e WHERE e.event = kirimhooks_deliveries.event), '')`

// setAside ends a delivery that was taken and of which no attempt can be made.
func (t *turn) setAside(number int64, d driver.Delivery, err error) error {
	if _, err := t.tx.row(sqlSetAside, []any{t.tx.now, driver.ReasonUnreadable, number}, &d.EventID, &d.EventType); err != nil {
		return err
	}
	d.ID, d.State, d.Reason, d.FinishedAt = t.tx.store.encodeID(number), driver.StateDead, driver.ReasonUnreadable, instant(t.tx.now)
	t.aside = append(t.aside, driver.Unreadable{Delivery: d, Err: fmt.Errorf("sqlitestore: delivery %s: %w", d.ID, err)})
	return nil
}
