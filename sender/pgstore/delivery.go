package pgstore

import (
	"context"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const defaultPage = 100

// Deliveries implements [driver.Log]. The list runs by key, which is the order of creation. A filter that matches
// little makes it read as much of the org's attempts as it takes; Subscription, EventID, IDs and StateDead have an
// index.
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
	err = s.each(ctx, s.sql.in(sel.page(pageOf(q.Limit))), sel.args, func(row scanner) error {
		d := listed{driver.Delivery{Org: q.Org}}
		var k key
		var from, by *int64
		var state int
		var reason *string
		var created, next, finished pgtype.Timestamptz
		if err := row.Scan(&k.number, &k.subscription, &from, &created, &d.Attempt, &d.Test, &state, &reason, &next,
			&finished, &d.SubscriptionID, &d.EventID, &d.EventType, &by); err != nil {
			return err
		}
		d.ID, d.Reason = ids.encode(k), text(reason)
		d.show(state, created, next, finished)
		d.ReplayedFrom, d.ReplayedBy = ids.sibling(from, k), ids.sibling(by, k)
		page = append(page, d.Delivery)
		return nil
	})
	return page, err
}

// listed is a row of the list.
type listed struct{ driver.Delivery }

func (d *listed) show(state int, created, next, finished pgtype.Timestamptz) {
	var err, err2 error
	d.CreatedAt, err = moment("created_at", created)
	d.FinishedAt, err2 = moment("finished_at", finished)
	if err != nil || err2 != nil || state < 0 || state > shownHeld {
		d.State, d.Reason = driver.StateDead, driver.ReasonUnreadable
		return
	}
	d.NextAt, _ = moment("due_at", next) // whatever else stands there is due with the next Claim
	if d.State = driver.StateHeld; state != shownHeld {
		d.State = stateNames[state]
	}
}

// pageOf is how many a page has.
func pageOf(limit int) int {
	if limit <= 0 {
		return defaultPage
	}
	return limit
}
