package meta

import (
	"strconv"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope/internal/wire"
)

// Timestamp is a time in Unix seconds as Meta writes it: mostly a string of digits, a number in some places,
// milliseconds in few. It reads all, and writes a string.
type Timestamp string

const (
	year2001  = 1e12         // in milliseconds: no second of ours is that large
	year10000 = 253402300800 // in seconds
)

// Time returns the time in UTC, the zero time if t is no such number.
func (t Timestamp) Time() time.Time {
	n, err := strconv.ParseInt(string(t), 10, 64)
	switch {
	case err != nil || n <= 0 || n >= year10000*1000:
		return time.Time{}
	case n >= year2001:
		return time.UnixMilli(n).UTC()
	case n >= year10000:
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

// UnmarshalJSON takes a string, a number or null.
func (t *Timestamp) UnmarshalJSON(b []byte) error { return (*wire.Loose)(t).UnmarshalJSON(b) }
