package memstore

import (
	"cmp"
	"context"
	"iter"
	"math"
	"slices"

	"github.com/kirimhooks/kirimhooks/sender"
)

const defaultPage = 100

// Deliveries implements [sender.Log].
func (s *Store) Deliveries(ctx context.Context, q sender.DeliveryQuery) ([]sender.Delivery, error) {
	if _, err := s.begin(ctx, "deliveries"); err != nil {
		return nil, err
	}
	defer s.end()
	selected, err := s.selected(&q)
	if err != nil {
		return nil, err
	}
	var page []sender.Delivery
	for d := range selected {
		if page = append(page, d.shown()); len(page) == limitOf(&q) {
			break
		}
	}
	return page, nil
}

func limitOf(q *sender.DeliveryQuery) int {
	if q.Limit > 0 {
		return q.Limit
	}
	return defaultPage
}

// selected gives the deliveries that a query selects, newest first, however many: it pays no heed to q.Limit. Meanwhile
// new ones may be made, but none purged.
func (s *Store) selected(q *sender.DeliveryQuery) (iter.Seq[*delivery], error) {
	from, err := s.cursor(q)
	if err != nil {
		return nil, err
	}
	o := s.org(q.Org)
	list := o.log.deliveries
	if len(q.IDs) > 0 {
		list = s.named(q.Org, q.IDs)
	} else if q.EventID != "" {
		list = nil
		if e := o.events[q.EventID]; e != nil {
			list = e.deliveries.deliveries
		}
	}
	return func(yield func(*delivery) bool) {
		for _, d := range slices.Backward(before(from, list)) {
			if !d.purged && selects(q, d) && !yield(d) {
				return
			}
		}
	}, nil
}

// cursor is the number of q.After, which may have been purged since; without one it is past all others.
func (s *Store) cursor(q *sender.DeliveryQuery) (number uint64, err error) {
	if q.After == "" {
		return math.MaxUint64, nil
	}
	number, ok := s.ids.number(q.After)
	if d := s.deliveries[q.After]; !ok || d != nil && d.event.Org != q.Org {
		return 0, notFound("delivery", q.Org, q.After)
	}
	return number, nil
}

// named returns the deliveries of an org that have these ids, oldest first.
func (s *Store) named(org string, ids []string) []*delivery {
	var list []*delivery
	for _, id := range ids {
		if d := s.find(org, id); d != nil {
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(a, b *delivery) int { return cmp.Compare(a.number, b.number) })
	return slices.Compact(list)
}

// selects compares everything but Org, IDs, After and Limit.
func selects(q *sender.DeliveryQuery, d *delivery) bool {
	e := &d.event.Event
	return (q.Subscription == "" || q.Subscription == d.subscription.record.ID) &&
		(q.EventID == "" || q.EventID == e.ID) &&
		(q.EventType == "" || q.EventType == e.Type) &&
		(q.Device == "" || q.Device == e.Device) &&
		(q.Channel == "" || q.Channel == e.Channel) &&
		(len(q.States) == 0 || slices.Contains(q.States, d.shownState())) &&
		(q.Since.IsZero() || !d.createdAt.Before(q.Since)) &&
		(q.Until.IsZero() || d.createdAt.Before(q.Until))
}
