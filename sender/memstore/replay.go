package memstore

import (
	"context"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

// Replay implements [sender.Log].
func (s *Store) Replay(ctx context.Context, r sender.ReplayRequest) (made []sender.Replayed, err error) {
	err = s.each(ctx, "replay", &r.DeliveryQuery, func(old *delivery, now time.Time) bool {
		if old.state == sender.StatePending || old.subscription.isGone() || superseded(old, &r) {
			return false
		}
		d := s.deliver(old.event, old.subscription, old.isTest, now)
		d.replayedFrom, old.replayedBy = old.id, d
		s.wait(d, now, now)
		made = append(made, sender.Replayed{Old: old.id, New: d.id})
		return true
	})
	return made, err
}

// superseded reports whether a later delivery of the same event and subscription stands for d, or, where d was named,
// an unfinished replay of its own.
func superseded(d *delivery, r *sender.ReplayRequest) bool {
	if r.Named {
		return d.replayedBy != nil && d.replayedBy.state == sender.StatePending
	}
	for _, later := range slices.Backward(d.event.deliveries) {
		switch {
		case later == d:
			return false
		case later.subscription != d.subscription:
		case later.state == sender.StatePending, later.state == sender.StateDelivered,
			selects(&r.DeliveryQuery, later) && (len(r.IDs) == 0 || slices.Contains(r.IDs, later.id)):
			return true
		}
	}
	return false
}
