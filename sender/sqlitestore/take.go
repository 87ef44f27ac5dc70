package sqlitestore

import (
	"cmp"
	"fmt"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const (
	// Each lane gives those that are due longest.
	sqlTake = `
UPDATE kirimhooks_deliveries INDEXED BY kirimhooks_by_subscription
SET phase = 3, due_at = ?, token = ?, worker = ?, lapses = lapses + (leases > 0), leases = leases + 1
WHERE (subscription, delivery) IN (
	SELECT d.subscription, d.delivery
	FROM json_each(?) lane CROSS JOIN kirimhooks_deliveries d INDEXED BY kirimhooks_by_subscription
	WHERE d.subscription = lane.value >> 1 AND d.delivery IN (
		SELECT r.delivery FROM kirimhooks_deliveries r INDEXED BY kirimhooks_ready
		WHERE r.phase = 1 AND r.subscription = lane.value >> 1 AND r.is_test = lane.value & 1
		ORDER BY r.due_at, r.delivery LIMIT ? + 0))
RETURNING subscription << 1 | is_test, delivery, event, attempt, lapses, leases > 1, created_at,
	coalesce(replayed_from, 0), reason`

	sqlSetAside = `
UPDATE kirimhooks_deliveries SET phase = 0, due_at = ?, state = 'dead', reason = ?, leases = 0 WHERE delivery = ?`

	sqlEventOf = `
SELECT coalesce(id, ''), coalesce(type, '') FROM kirimhooks_events
WHERE event = (SELECT event FROM kirimhooks_deliveries WHERE delivery = ?)`
)

// takenDelivery is a delivery that was leased just now.
type takenDelivery struct {
	lane          lane
	number, event int64
	created       int64
	lapsed        bool // its last lease ran out
	claim         driver.Claim
	err           error // its row does not decode
}

// take leases up to want deliveries of each lane, sets aside what does not decode, and counts both by lane.
func (l *leaser) take(lanes []servedLane, want int) (taken map[lane]int, err error) {
	codes := make([]int64, len(lanes))
	subs := make(map[lane]*subscription, len(lanes))
	for i, x := range lanes {
		codes[i], subs[x.lane] = x.code(), x.sub
	}
	var all []takenDelivery
	taken = map[lane]int{}
	args := []any{l.until, l.token, l.request.Worker, jsonOf(codes), want}
	err = l.tx.each(sqlTake, args, func(scan scanner) error {
		t, err := l.scanTaken(scan)
		taken[t.lane]++
		all = append(all, t)
		return err
	})
	if err != nil {
		return nil, err
	}
	events, broken, err := l.tx.eventsOf(all)
	if err != nil {
		return nil, err
	}
	for i := range all {
		t := &all[i]
		s := subs[t.lane]
		t.claim.Delivery.Org, t.claim.Delivery.SubscriptionID = s.record.Org, s.record.ID
		t.claim.Subscription, t.claim.Event = s.record, events[t.event]
		if t.err = cmp.Or(t.err, s.err, broken[t.event]); t.err != nil {
			err = l.setAside(t)
		} else {
			err = l.give(t)
		}
		if err != nil {
			return nil, err
		}
	}
	return taken, nil
}

// scanTaken fails only if the database does.
func (l *leaser) scanTaken(scan scanner) (t takenDelivery, failed error) {
	var code, replayed int64
	d := &t.claim.Delivery
	err := scan(&code, &t.number, &t.event, &d.Attempt, &t.claim.Lapses, &t.lapsed, &t.created, &replayed, &d.Reason)
	if err != nil {
		row, failed := scanAny(scan, 9)
		t = takenDelivery{lane: laneOf(row.number(0)), number: row.number(1), err: unreadable("its row", err)}
		t.claim.Delivery.Test = t.lane.isTest
		return t, failed
	}
	t.lane, t.claim.Token = laneOf(code), l.text
	d.ID, d.State, d.Test = l.tx.store.encodeID(t.number), driver.StatePending, t.lane.isTest
	d.CreatedAt = instant(t.created)
	if replayed != 0 {
		d.ReplayedFrom = l.tx.store.encodeID(replayed)
	}
	return t, nil
}

// give adds a delivery to the claims.
func (l *leaser) give(t *takenDelivery) error {
	d := &t.claim.Delivery
	d.EventID, d.EventType = t.claim.Event.Event.ID, t.claim.Event.Event.Type
	l.claims = append(l.claims, t.claim)
	if !t.lapsed {
		return nil
	}
	lost := &driver.Attempt{N: d.Attempt + 1, ErrorClass: driver.ClassUnknown, Test: d.Test}
	return l.tx.logAttempt(t.number, lost, 0)
}

// setAside ends a delivery of which no attempt can be made.
func (l *leaser) setAside(t *takenDelivery) error {
	if _, err := l.tx.exec(sqlSetAside, l.tx.now, driver.ReasonUnreadable, t.number); err != nil {
		return err
	}
	d := t.claim.Delivery
	if _, err := l.tx.row(sqlEventOf, []any{t.number}, &d.EventID, &d.EventType); err != nil {
		return err
	}
	d.ID, d.State, d.Reason = l.tx.store.encodeID(t.number), driver.StateDead, driver.ReasonUnreadable
	d.FinishedAt = instant(l.tx.now)
	err := fmt.Errorf("sqlitestore: delivery %s: %w", d.ID, t.err)
	l.aside = append(l.aside, driver.Unreadable{Delivery: d, Err: err})
	return nil
}
