package kirisan

import (
	"strconv"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope/internal/wire"
)

// Timestamp is a time in Unix seconds, 0 if unknown. It reads a number and a string of digits alike; anything else
// reads as 0, so that an odd date never costs an event.
type Timestamp int64

// Time returns the time in UTC, the zero time for 0.
func (t Timestamp) Time() time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.Unix(int64(t), 0).UTC()
}

// UnmarshalJSON never fails.
func (t *Timestamp) UnmarshalJSON(b []byte) error {
	*t = timestamp(b)
	return nil
}

func timestamp(raw []byte) Timestamp {
	const year10000 = 253402300800
	var text wire.Loose
	if len(raw) == 0 || text.UnmarshalJSON(raw) != nil {
		return 0
	}
	if n, err := strconv.ParseInt(string(text), 10, 64); err == nil && 0 < n && n < year10000 {
		return Timestamp(n)
	}
	return 0
}
