package kirim

import (
	"fmt"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope/internal/wire"
)

// Time is a time as Kirim writes it: RFC 3339, seconds or milliseconds. It reads anything else, null included, as the
// zero time, so that an odd date never costs an event. It writes UTC with milliseconds, the zero time as null.
type Time struct{ time.Time }

// UnmarshalJSON never fails.
func (t *Time) UnmarshalJSON(b []byte) error {
	s, _ := wire.Text(b)
	t.Time = parseTime(s)
	return nil
}

// MarshalJSON fails outside the years 0 to 9999, which RFC 3339 cannot write.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	utc := t.UTC()
	if !writable(utc) {
		return nil, fmt.Errorf("kirim: year %d is not in 0 to 9999", utc.Year())
	}
	return utc.AppendFormat(nil, `"2006-01-02T15:04:05.000Z"`), nil
}

func parseTime(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if utc := t.UTC(); err == nil && writable(utc) {
		return utc
	}
	return time.Time{}
}

func writable(t time.Time) bool { return 0 <= t.Year() && t.Year() <= 9999 }
