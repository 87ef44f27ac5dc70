package memstore

import (
	"context"
	"slices"

	"github.com/kirimhooks/kirimhooks/sender"
)

// Replay implements [sender.Log].
func (s *Store) Replay(ctx context.Context, r sender.ReplayRequest) (made []sender.Replayed, err error) {
	now, err := s.begin(ctx, "replay")
	if err != nil {
		return nil, err
	}
	defer s.end()
	selected, err := s.selected(&r.DeliveryQuery)
	if err != nil {
		return nil, err
	}
	for old := range selected {
		if old.state == sender.StatePending || old.subscription.gone || superseded(old, &r) {
			continue
		}
		d := s.deliver(old.event, old.subscription, old.isTest, now)
		d.replayedFrom, old.replayedBy = old.id, d
		s.wait(d, now, now)
		if made = append(made, sender.Replayed{Old: old.id, New: d.id}); len(made) == limitOf(&r.DeliveryQuery) {
			break
		}
	}
	return made, nil
}

// superseded reports whether a later delivery of the same event and subscription stands for d, or, where d was named, an
// unfinished replay of its own.
func superseded(d *delivery, r *sender.ReplayRequest) bool {
	if r.Named {
		return d.replayedBy != nil && d.replayedBy.state == sender.StatePending
	}
	for _, later := range slices.Backward(d.event.deliveries.deliveries) {
		if later == d {
			break
		}
		if later.subscription != d.subscription || later.purged {
			continue
		}
		selected := selects(&r.DeliveryQuery, later) && (len(r.IDs) == 0 || slices.Contains(r.IDs, later.id))
		if selected || later.state == sender.StatePending || later.state == sender.StateDelivered {
			return true
		}
	}
	return false
}
