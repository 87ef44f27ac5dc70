package memstore

import (
	"context"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Cancel implements [driver.Log].
func (s *Store) Cancel(ctx context.Context, q driver.DeliveryQuery) (list []driver.Cancelled, err error) {
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
			s.cancel(ref, driver.ReasonCancelled, now)
		} else {
			d.ending = true
			s.setReason(d, driver.ReasonCancelled)
		}
		list = append(list, driver.Cancelled{ID: s.id(ref), Ended: ended})
		return len(list) < limitOf(&q)
	})
	return list, err
}
