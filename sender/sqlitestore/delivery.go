package sqlitestore

import (
	"context"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Deliveries implements [driver.Log].
func (s *Store) Deliveries(ctx context.Context, q driver.DeliveryQuery) ([]driver.Delivery, error) {
	f, err := s.newFilter(ctx, &q)
	if err != nil || f.nothing {
		return nil, failed("deliveries", ctx, err)
	}
	var page []driver.Delivery
	err = s.read(ctx, sqlDeliveries+f.clauses(), append(f.args, limit(q.Limit)), func(scan scanner) error {
		d, err := s.scanDelivery(scan)
		page = append(page, d)
		return err
	})
	return page, failed("deliveries", ctx, err)
}

// What a delivery shows of its event and its subscription is looked up for each one that is listed. In a join the
// planner would be free to walk those tables.
const (
	sqlOfEvent        = ` FROM kirimhooks_events WHERE event = d.event)`
	sqlOfSubscription = ` FROM kirimhooks_subscriptions WHERE subscription = d.subscription)`
	sqlDeletedAt      = `(SELECT deleted_at` + sqlOfSubscription
	sqlShownState     = `CASE
	WHEN d.phase = 0 THEN d.state
	WHEN ` + sqlDeletedAt + ` > 0 THEN 'cancelled'
	WHEN d.is_test = 1 OR (SELECT is_active` + sqlOfSubscription + ` = 1 THEN 'pending'
	ELSE 'held' END`

	sqlDeliveries = `
SELECT d.delivery, d.org, coalesce((SELECT id` + sqlOfEvent + `, ''), coalesce((SELECT id` + sqlOfSubscription + `, ''),
	coalesce((SELECT type` + sqlOfEvent + `, ''), ` + sqlShownState + `, d.attempt, d.is_test,
	coalesce(d.replayed_from, 0), d.reason, d.created_at, d.phase, d.due_at, d.event, coalesce(` + sqlDeletedAt + `, 0),
	` + sqlReplayedBy
	deliveryColumns = 16
)

// scanDelivery shows one that does not decode as what becomes of it.
func (s *Store) scanDelivery(scan scanner) (driver.Delivery, error) {
	var d driver.Delivery
	var number, replayed, created, at, event, deleted, by int64
	var phase int
	err := scan(&number, &d.Org, &d.EventID, &d.SubscriptionID, &d.EventType, (*string)(&d.State), &d.Attempt, &d.Test,
		&replayed, &d.Reason, &created, &phase, &at, &event, &deleted, &by)
	if err != nil || !known(d.State) {
		row, failed := scanAny(scan, deliveryColumns)
		if failed != nil {
			return d, failed
		}
		return driver.Delivery{
			ID: s.encodeID(row.number(0)), Org: row.text(1), EventID: row.text(2), SubscriptionID: row.text(3),
			EventType: row.text(4), State: driver.StateDead, Test: row.flag(7), Reason: driver.ReasonUnreadable,
		}, nil
	}
	d.ID, d.CreatedAt = s.encodeID(number), instant(created)
	if replayed != 0 {
		d.ReplayedFrom = s.encodeID(replayed)
	}
	if by != 0 {
		d.ReplayedBy = s.encodeID(by)
	}
	switch {
	case phase == phaseFinished:
		d.FinishedAt = instant(at)
	case deleted > 0:
		d.FinishedAt, d.Reason = instant(deleted), driver.ReasonUnsubscribed
	case phase < phaseInFlight:
		d.NextAt = instant(at)
	}
	return d, nil
}

func known(state driver.State) bool {
	switch state {
	case driver.StatePending, driver.StateHeld, driver.StateDelivered, driver.StateDead, driver.StateCancelled:
		return true
	}
	return false
}
