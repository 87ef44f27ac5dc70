package sqlitestore

import (
	"context"
	"time"
)

// Wait implements [driver.Waiter]. What this process stores wakes everybody who waits at once; if nobody does, the next
// call returns at once. For what others store it looks every Config.PollInterval.
//
// It compares counters. PRAGMA data_version is private to one connection, which would have to be set aside for it, and
// changes with every result that another process writes.
func (s *Store) Wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return failed("wait", ctx, err)
	}
	rung, unheard := s.wakeup.woken()
	if unheard {
		return nil
	}
	tick := time.NewTicker(s.cfg.PollInterval)
	defer tick.Stop()
	for {
		select {
		case <-rung:
			s.wakeup.woken()
			return nil
		case <-ctx.Done():
			return failed("wait", ctx, ctx.Err())
		case <-tick.C:
		}
		var d due
		if err := s.read(ctx, sqlDue, nil, d.scan); err != nil {
			return failed("wait", ctx, err)
		}
		if s.wakeup.moved(d.seen) {
			return nil
		}
	}
}
