package sqlitestore

import (
	"fmt"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// SQLite holds any value in any column, and a hand or a fault may have put it there. What does not decode is told, and
// stops nothing else: see the rules of [driver.Store].

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
