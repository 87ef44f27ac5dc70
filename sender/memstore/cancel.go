package memstore

import (
	"context"

	"github.com/kirimhooks/kirimhooks/sender"
)

// Cancel implements [sender.Log].
func (s *Store) Cancel(ctx context.Context, q sender.DeliveryQuery) (list []sender.Cancelled, err error) {
	now, err := s.begin(ctx, "cancel")
	if err != nil {
		return nil, err
	}
	defer s.end()
	selected, err := s.selected(&q)
	if err != nil {
		return nil, err
	}
	for d := range selected {
		if d.state != sender.StatePending || d.cancelling || d.subscription.gone {
			continue
		}
		ended := d.place != inFlight
		if ended {
			s.cancel(d, sender.ReasonCancelled, now)
		} else {
			d.cancelling, d.reason = true, sender.ReasonCancelled
		}
		if list = append(list, sender.Cancelled{ID: d.id, Ended: ended}); len(list) == limitOf(&q) {
			break
		}
	}
	return list, nil
}
