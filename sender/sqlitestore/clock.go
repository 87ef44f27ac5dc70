package sqlitestore

import "time"

// A clock that jumps back, as one that was set wrong and then right, would leave whatever is leased or waits where it was:
// in the future, for as long as the jump. So the database has the latest moment that any process has seen, about. Who
// finds it ahead of the clock takes leases and waits back by as much, and each lasts as long as it was asked to.
const (
	clockEvery = int64(10 * time.Second) // how often the moment is written
	clockSlack = int64(time.Minute)      // steps back up to here are as good as none
)

const (
	sqlClock    = `SELECT CAST(value AS INTEGER) FROM kirimhooks_meta WHERE name = 'clock'`
	sqlSetClock = `UPDATE kirimhooks_meta SET value = ? WHERE name = 'clock'`
	sqlTakeBack = `UPDATE kirimhooks_deliveries INDEXED BY kirimhooks_timers SET at = at - ? WHERE place >= 2 AND at > ?`
)

// lookAtClock takes leases and waits back if the clock jumped. Mostly it costs a comparison.
func (tx *transaction) lookAtClock() error {
	known := tx.store.clock.Load()
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
		tx.clock = latest
		return nil
	}
	tx.clock = tx.now
	_, err := tx.exec(sqlSetClock, tx.now)
	return err
}
