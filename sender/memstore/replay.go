package memstore

import (
	"context"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Replay implements [driver.Log].
func (s *Store) Replay(ctx context.Context, r driver.ReplayRequest) (made []driver.Replayed, err error) {
	err = s.each(ctx, "replay", &r.DeliveryQuery, func(old *delivery, now time.Time) bool {
		if old.state == driver.StatePending || old.subscription.isGone() || superseded(old, &r) {
			return false
		}
		d := s.deliver(old.event, old.subscription, old.isTest, now)
		d.replayedFrom, old.replayedBy = old.id, d
		s.wait(d, now, now)
		made = append(made, driver.Replayed{Old: old.id, New: d.id})
		return true
	})
	return made, err
}

// superseded reports whether a later delivery of the same event and subscription stands for d, or, where d was named,
// an unfinished replay of its own.
func superseded(d *delivery, r *driver.ReplayRequest) bool {
	if r.Named {
		return d.replayedBy != nil && d.replayedBy.state == driver.StatePending
	}
	for _, later := range slices.Backward(d.event.deliveries) {
		switch {
		case later == d:
			return false
		case later.subscription != d.subscription:
		case later.state == driver.StatePending, later.state == driver.StateDelivered,
			selects(&r.DeliveryQuery, later) && (len(r.IDs) == 0 || slices.Contains(r.IDs, later.id)):
			return true
		}
	}
	return false
}
