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
	defer s.mu.Unlock()
	err = s.each(q, func(ref uint32) bool {
		d := s.deliveries.at(ref)
		if d.state != pending || d.ending || s.subscription(d).gone {
			return true
		}
		ended := d.place != inFlight
		if ended {
			s.cancel(ref, sender.ReasonCancelled, now)
		} else {
			d.ending = true
			s.setReason(d, sender.ReasonCancelled)
		}
		list = append(list, sender.Cancelled{ID: s.id(ref), Ended: ended})
		return len(list) < limitOf(&q)
	})
	return list, err
}
