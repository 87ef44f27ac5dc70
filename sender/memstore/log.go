package memstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const defaultPage = 100

// Deliveries implements [driver.Log].
func (s *Store) Deliveries(ctx context.Context, q driver.DeliveryQuery) (page []driver.Delivery, err error) {
	err = s.each(ctx, "deliveries", &q, func(d *delivery, _ time.Time) bool {
		page = append(page, d.shown())
		return true
	})
	return page, err
}

// each calls take for the deliveries that a query selects, newest first, until it took q.Limit of them. take may make
// deliveries.
func (s *Store) each(
	ctx context.Context, doing string, q *driver.DeliveryQuery, take func(*delivery, time.Time) bool,
) error {
	now, err := s.begin(ctx, doing)
	if err != nil {
		return err
	}
	defer s.end()
	list := s.candidates(q)
	if q.After != "" {
		last := s.numberOf(q.After) // it may have been purged since
		if d := s.deliveries[q.After]; last == 0 || d != nil && d.event.Org != q.Org {
			return notFound("delivery", q.Org, q.After)
		}
		i, _ := slices.BinarySearchFunc(list, last, func(d *delivery, n uint64) int { return cmp.Compare(d.number, n) })
		list = list[:i]
	}
	left := cmp.Or(max(0, q.Limit), defaultPage)
	for _, d := range slices.Backward(list) {
		if selects(q, d) && take(d, now) {
			if left--; left == 0 {
				break
			}
		}
	}
	return nil
}

// candidates are deliveries by number, among them all that a query may select.
func (s *Store) candidates(q *driver.DeliveryQuery) (list []*delivery) {
	o := s.org(q.Org)
	switch {
	case len(q.IDs) > 0:
		for _, id := range q.IDs {
			if d := s.find(q.Org, id); d != nil {
				list = append(list, d)
			}
		}
		return slices.Compact(sorted(list))
	case q.EventID == "":
		return o.log
	case o.events[q.EventID] != nil:
		return o.events[q.EventID].deliveries
	}
	return nil
}

// selects compares everything but Org, IDs, After and Limit.
func selects(q *driver.DeliveryQuery, d *delivery) bool {
	e := &d.event.Event
	return (q.Subscription == "" || q.Subscription == d.subscription.record.ID) &&
		(q.EventID == "" || q.EventID == e.ID) &&
		(q.EventType == "" || q.EventType == e.Type) &&
		(q.Device == "" || q.Device == e.Device) &&
		(q.Channel == "" || q.Channel == e.Channel) &&
		(q.Live == q.Test || q.Test == d.isTest) &&
		(len(q.States) == 0 || slices.Contains(q.States, d.shownState())) &&
		(q.Since.IsZero() || !d.createdAt.Before(q.Since)) &&
		(q.Until.IsZero() || d.createdAt.Before(q.Until))
}
