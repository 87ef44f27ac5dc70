package pgstore

import (
	"context"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const defaultPage = 100

// Deliveries implements [driver.Log]. The list runs by key, which is the order of creation. A filter that matches little
// makes it read as much of the org's log as it takes; Subscription, EventID, IDs and StateDead have an index.
func (s *Store) Deliveries(ctx context.Context, q driver.DeliveryQuery) (page []driver.Delivery, err error) {
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
		d := listed{driver.Delivery{Org: q.Org}}
		var slot, sub int64
		var parent, by *int64
		var state int
		var live bool
		var reason *string
		var created, next, finished pgtype.Timestamptz
		if err := row.Scan(&slot, &sub, &parent, &created, &d.Attempt, &live, &state, &reason, &next, &finished,
			&d.SubscriptionID, &d.EventID, &d.EventType, &by); err != nil {
			return err
		}
		d.ID, d.Test, d.Reason = ids.encode(slot, sub), !live, text(reason)
		d.show(state, created, next, finished)
		if parent != nil {
			d.ReplayedFrom = ids.encode(*parent, sub)
		}
		if by != nil {
			d.ReplayedBy = ids.encode(*by, sub)
		}
		page = append(page, d.Delivery)
		return nil
	})
	return page, err
}

// listed is a row of the list.
type listed struct{ driver.Delivery }

// shownHeld is the number of StateHeld, which no row has: it is derived.
const shownHeld = 4

func (d *listed) show(state int, created, next, finished pgtype.Timestamptz) {
	var err, err2 error
	d.CreatedAt, err = moment("created", created)
	d.FinishedAt, err2 = moment("finished", finished)
	if err != nil || err2 != nil || state < 0 || state > shownHeld {
		d.State, d.Reason = driver.StateDead, driver.ReasonUnreadable
		return
	}
	d.NextAt, _ = moment("due", next) // whatever else stands there is due with the next Claim
	if d.State = driver.StateHeld; state != shownHeld {
		d.State = stateNames[state]
	}
}

func limitOf(q *driver.DeliveryQuery) int {
	if q.Limit <= 0 {
		return defaultPage
	}
	return q.Limit
}
