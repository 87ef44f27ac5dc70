package pgstore

import (
	"context"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

const defaultPage = 100

// Deliveries implements [sender.Log]. The list runs by key, which is the order of creation. A filter that matches little
// makes it read as much of the org's log as it takes; Subscription, EventID, IDs and StateDead have an index.
func (s *Store) Deliveries(ctx context.Context, q sender.DeliveryQuery) (page []sender.Delivery, err error) {
	defer wrap(&err, "deliveries")
	ctx, cancel, ids, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	sel, err := s.newSelection(ctx, ids, &q)
	if err != nil || sel == nil {
		return nil, err
	}
	err = s.each(ctx, s.sql.in(sel.page(limitOf(&q))), sel.args, func(row scanner) error {
		d := sender.Delivery{Org: q.Org}
		var slot, sub int64
		var parent *int64
		var state int
		var live bool
		var reason *string
		var next, finished *time.Time
		if err := row.Scan(&slot, &sub, &parent, &d.CreatedAt, &d.Attempt, &live, &state, &reason, &next, &finished,
			&d.SubscriptionID, &d.EventID, &d.EventType); err != nil {
			return err
		}
		d.ID, d.Test, d.Reason, d.CreatedAt = ids.encode(slot, sub), !live, text(reason), d.CreatedAt.UTC()
		d.NextAt, d.FinishedAt = instant(next), instant(finished)
		d.State = sender.StateHeld
		if state < len(stateNames) {
			d.State = stateNames[state]
		}
		if parent != nil {
			d.ReplayedFrom = ids.encode(*parent, sub)
		}
		page = append(page, d)
		return nil
	})
	return page, err
}

func limitOf(q *sender.DeliveryQuery) int {
	if q.Limit <= 0 {
		return defaultPage
	}
	return q.Limit
}
