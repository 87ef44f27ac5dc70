package sqlitestore

import (
	"math"
	"time"
)

// now is the store's clock: that of the machine, which all processes that share the file are on.
func (s *Store) now() int64 { return time.Now().UnixNano() + s.offset.Load() }

// never is the end of time.
const never = math.MaxInt64

// after is t+d, at the end of time if that is past it.
func after(t int64, d time.Duration) int64 {
	if d > 0 && t > never-int64(d) {
		return never
	}
	return t + int64(max(d, 0))
}

// before is t-d, at the beginning of time if that is before it.
func before(t int64, d time.Duration) int64 {
	if d > 0 && t < math.MinInt64+int64(d) {
		return math.MinInt64
	}
	return t - int64(max(d, 0))
}

// instant is what the log shows for t.
func instant(t int64) time.Time { return time.Unix(0, t).UTC() }

// moment is t by the store's clock, or as near as that can get.
func moment(t time.Time) int64 {
	switch seconds := t.Unix(); { // not the year: past the end of time it wraps
	case seconds <= -never/int64(time.Second):
		return -never
	case seconds >= never/int64(time.Second):
		return never
	}
	return t.UnixNano()
}

// A clock that jumps back would leave what is leased or waits in the future, for as long as the jump. So the database
// has the latest moment that any process has seen, about. Who finds it ahead of the clock takes leases and waits back
// by as much, and each lasts as long as it was asked to.
const (
	clockEvery = int64(10 * time.Second) // how often the moment is written
	clockSlack = int64(time.Minute)      // steps back up to here are as good as none

	sqlClock    = `SELECT CAST(value AS INTEGER) FROM kirimhooks_meta WHERE name = 'clock'`
	sqlSetClock = `UPDATE kirimhooks_meta SET value = ? WHERE name = 'clock'`
	sqlTakeBack = `
UPDATE kirimhooks_deliveries INDEXED BY kirimhooks_timers SET due_at = due_at - ? WHERE phase >= 2 AND due_at > ?`
)

// checkClock takes leases and waits back if the clock jumped. Mostly it costs a comparison.
func (tx *transaction) checkClock() error {
	known := tx.store.latest.Load()
	if known-clockSlack <= tx.now && tx.now < known+clockEvery {
		return nil
	}
	var latest int64
	if _, err := tx.row(sqlClock, nil, &latest); err != nil {
		return err
	}
	switch jump := latest - tx.now; {
	case jump > clockSlack:
		if _, err := tx.exec(sqlTakeBack, jump, tx.now); err != nil {
			return err
		}
	case -jump < clockEvery: // somebody has just written it
		tx.latest = latest
		return nil
	}
	tx.latest = tx.now
	_, err := tx.exec(sqlSetClock, tx.now)
	return err
}
