package pgstore

import (
	"math"
	"time"
)

// micros gives a duration as the statements take it, the smallest as one and none below zero.
func micros(d time.Duration) int64 {
	n := int64(max(d, 0) / time.Microsecond)
	if d%time.Microsecond > 0 {
		n++
	}
	return n
}

// fromMicros is the inverse, as far as a duration reaches.
func fromMicros(n int64) time.Duration {
	const most = math.MaxInt64 / int64(time.Microsecond)
	return time.Duration(min(max(n, -most), most)) * time.Microsecond
}

// The times that events and queries may have.
var (
	firstTime = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	lastTime  = time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)
)

// storableTime is t for a comparison with times that lie within those and have no less than microseconds: of two such,
// what is at or after t is at or after this.
func storableTime(t time.Time) time.Time {
	switch {
	case t.Before(firstTime):
		return firstTime
	case t.After(lastTime):
		return lastTime
	}
	if whole := t.Truncate(time.Microsecond); whole.Before(t) {
		return whole.Add(time.Microsecond)
	}
	return t
}
