package memstore

import (
	"context"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Cancel implements [driver.Log].
func (s *Store) Cancel(ctx context.Context, q driver.DeliveryQuery) (list []driver.Cancelled, err error) {
	err = s.each(ctx, "cancel", &q, func(d *delivery, now time.Time) bool {
		if d.state != driver.StatePending || d.cancelling || d.subscription.isGone() {
			return false
		}
		list = append(list, driver.Cancelled{ID: d.id, Ended: !d.inFlight()})
		if d.inFlight() {
			d.cancelling, d.reason = true, driver.ReasonCancelled
		} else {
			s.cancel(d, driver.ReasonCancelled, now)
		}
		return true
	})
	return list, err
}

// RetryNow implements [driver.Log].
func (s *Store) RetryNow(ctx context.Context, q driver.DeliveryQuery) (ids []string, err error) {
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
