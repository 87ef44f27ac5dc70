package memstore

import (
	"context"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

// Cancel implements [sender.Log].
func (s *Store) Cancel(ctx context.Context, q sender.DeliveryQuery) (list []sender.Cancelled, err error) {
	err = s.each(ctx, "cancel", &q, func(d *delivery, now time.Time) bool {
		if d.state != sender.StatePending || d.cancelling || d.subscription.isGone() {
			return false
		}
		list = append(list, sender.Cancelled{ID: d.id, Ended: !d.inFlight()})
		if d.inFlight() {
			d.cancelling, d.reason = true, sender.ReasonCancelled
		} else {
			s.cancel(d, sender.ReasonCancelled, now)
		}
		return true
	})
	return list, err
}

// RetryNow implements [sender.Log].
func (s *Store) RetryNow(ctx context.Context, q sender.DeliveryQuery) (ids []string, err error) {
	err = s.each(ctx, "retry now", &q, func(d *delivery, now time.Time) bool {
		waits := d.subscription.waiting[d]
		if waits {
			s.wait(d, now, now)
			ids = append(ids, d.id)
		}
		return waits
	})
	return ids, err
}
