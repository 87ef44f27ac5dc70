package sqlitestore

import (
	"context"
	"time"
)

const (
	// sqlDue is the soonest moment at which something falls due, and two counters that move when work comes which
	// nobody foresaw: deliveries that were ever made, and releases.
	sqlDue = `
SELECT coalesce((SELECT CAST(min(due_at) AS INTEGER) FROM kirimhooks_deliveries INDEXED BY kirimhooks_timers
		WHERE phase >= 2), 0),
	coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'kirimhooks_deliveries'), 0),
	(SELECT CAST(value AS INTEGER) FROM kirimhooks_meta WHERE name = 'releases')`

	// sqlRelease tells the other processes that something is due which they could not foresee.
	sqlRelease = `UPDATE kirimhooks_meta SET value = value + 1 WHERE name = 'releases'`
)

// due is what there is to do, as far as somebody has looked.
type due struct {
	next                 int64 // the moment at which something falls due; the end of time if nothing will
	deliveries, releases int64
}

func (d *due) scan(scan scanner) error {
	err := scan(&d.next, &d.deliveries, &d.releases)
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

// Wait implements [driver.Waiter]. It looks every Config.PollInterval for what came since the last Claim or Wait, from
// this process or another: a Sender needs no waking for its own.
//
// It compares counters. PRAGMA data_version is private to one connection, which would have to be set aside for it, and
// changes with every result that another process writes.
func (s *Store) Wait(ctx context.Context) error {
	seen := s.seen.Load()
	tick := time.NewTicker(s.cfg.PollInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return failed("wait", ctx, ctx.Err())
		case <-tick.C:
		}
		var now due
		if err := s.read(ctx, sqlDue, nil, now.scan); err != nil {
			return failed("wait", ctx, err)
		}
		if now.next < seen.next || now.deliveries != seen.deliveries || now.releases != seen.releases {
			s.seen.Store(&now)
			return nil
		}
	}
}
