package pgstore

import (
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// text and instant read what may be null.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func instant(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// moment reads a time that the schema leaves free to be anything. Null is the zero time.
func moment(column string, t pgtype.Timestamptz) (time.Time, error) {
	if !t.Valid {
		return time.Time{}, nil
	}
	if y := t.Time.UTC().Year(); t.InfinityModifier != pgtype.Finite || y < 1 || y > 9999 {
		return time.Time{}, fmt.Errorf("%s is outside the years 1 to 9999: %w", column, driver.ErrUnreadable)
	}
	return t.Time.UTC(), nil
}

// texts reads an array that should have no NULL in it.
func texts(column string, list pgtype.FlatArray[pgtype.Text]) ([]string, error) {
	plain := make([]string, len(list))
	for i, t := range list {
		if !t.Valid {
			return nil, fmt.Errorf("%s has a NULL: %w", column, driver.ErrUnreadable)
		}
		plain[i] = t.String
	}
	return plain, nil
}
