package sqlitestore

import "time"

const sqlDue = `
SELECT coalesce((SELECT CAST(min(due_at) AS INTEGER) FROM kirimhooks_deliveries INDEXED BY kirimhooks_timers
		WHERE phase >= 2), 0),
	coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'kirimhooks_deliveries'), 0),
	(SELECT CAST(value AS INTEGER) FROM kirimhooks_meta WHERE name = 'releases')`

// due tells what there is to do next.
type due struct {
	next int64 // the moment at which something falls due; the end of time if nothing will
	seen seen  // everything up to here was looked at
}

// sqlRelease tells the other processes that something is due which they could not foresee.
const sqlRelease = `UPDATE kirimhooks_meta SET value = value + 1 WHERE name = 'releases'`

// seen moves on when a delivery is made or released, by any process.
type seen struct{ deliveries, releases int64 }

func (d *due) scan(scan scanner) error {
	err := scan(&d.next, &d.seen.deliveries, &d.seen.releases)
	if d.next == 0 {
		d.next = never
	}
	return err
}

// in is how long until something falls due; 0 if nothing will.
func (d *due) in(now int64) time.Duration {
	if d.next == never {
		return 0
	}
	return max(time.Duration(d.next-now), 1)
}
