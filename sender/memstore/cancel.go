package memstore

import (
	"context"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

// Cancel implements [sender.Log].
func (s *Store) Cancel(ctx context.Context, q sender.DeliveryQuery) (list []sender.Cancelled, err error) {
	err = s.each(ctx, "cancel", &q, func(d *delivery, now time.Time) bool {
		if d.shownState() == sender.StateCancelled || d.state != sender.StatePending || d.cancelling {
			return false
		}
		ended := d.place != inFlight
		if ended {
			s.cancel(d, sender.ReasonCancelled, now)
		} else {
			d.cancelling, d.reason = true, sender.ReasonCancelled
		}
		list = append(list, sender.Cancelled{ID: d.id, Ended: ended})
		return true
	})
	return list, err
}

// RetryNow implements [sender.Log].
func (s *Store) RetryNow(ctx context.Context, q sender.DeliveryQuery) (ids []string, err error) {
	err = s.each(ctx, "retry now", &q, func(d *delivery, now time.Time) bool {
		if d.place != waiting {
			return false
		}
		s.wait(d, now, now)
		ids = append(ids, d.id)
		return true
	})
	return ids, err
}
