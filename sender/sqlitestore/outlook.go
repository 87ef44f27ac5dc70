package sqlitestore

import "time"

const sqlOutlook = `
SELECT EXISTS (SELECT 1 FROM kirimhooks_lanes),
	coalesce((SELECT CAST(min(at) AS INTEGER) FROM kirimhooks_deliveries INDEXED BY kirimhooks_timers WHERE place >= 2), 0),
	coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'kirimhooks_deliveries'), 0),
	(SELECT CAST(value AS INTEGER) FROM kirimhooks_meta WHERE name = 'changes'),
	(SELECT CAST(value AS INTEGER) FROM kirimhooks_meta WHERE name = 'clock')`

// outlook is what there is to do, now and next.
type outlook struct {
	lanes bool
	next  int64  // the moment at which something falls due; the end of time if nothing will
	seen  marker // everything up to here was looked at
	clock int64  // the latest moment that anybody saw, about
}

// marker moves on when deliveries or changes of subscriptions are stored, by any process.
type marker struct{ deliveries, changes int64 }

func (o *outlook) scan(scan scanner) error {
	err := scan(&o.lanes, &o.next, &o.seen.deliveries, &o.seen.changes, &o.clock)
	if o.next == 0 {
		o.next = never
	}
	return err
}

func (o *outlook) nextDue(now int64) time.Duration {
	if o.next == never {
		return 0
	}
	return max(time.Duration(o.next-now), 1)
}
