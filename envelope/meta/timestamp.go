package meta

import (
	"strconv"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope/internal/wire"
)

// Timestamp is a time in Unix seconds as Meta writes it: mostly a string of digits, a number in some places. It reads
// both, and writes a string.
type Timestamp string

// Time returns the time in UTC, the zero time if t is no such number.
func (t Timestamp) Time() time.Time {
	const year10000 = 253402300800
	seconds, err := strconv.ParseInt(string(t), 10, 64)
	if err != nil || seconds <= 0 || seconds >= year10000 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

// UnmarshalJSON takes a string, a number or null.
func (t *Timestamp) UnmarshalJSON(b []byte) error { return (*wire.Loose)(t).UnmarshalJSON(b) }
