package memstore

import (
	"context"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// RetryNow implements [driver.Log].
func (s *Store) RetryNow(ctx context.Context, q driver.DeliveryQuery) (ids []string, err error) {
	now, err := s.begin(ctx, "retry now")
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	err = s.each(q, func(ref uint32) bool {
		d := s.deliveries.at(ref)
		if d.place != inWaiting {
			return true
		}
		s.timers.stop(&s.deliveries, ref)
		d.at = now
		s.arrive(ref, now)
		ids = append(ids, s.id(ref))
		return len(ids) < limitOf(&q)
	})
	return ids, err
}
