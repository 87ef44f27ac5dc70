package sqlitestore

import (
	"fmt"

	"github.com/kirimhooks/kirimhooks/sender"
)

const (
	// Each lane gives those that are due longest.
	sqlReady = `
SELECT lane.value, d.delivery, d.event, d.attempt, d.lapses, d.leases > 0, d.created_at, coalesce(d.replayed_from, 0), d.reason
FROM json_each(?) lane CROSS JOIN kirimhooks_deliveries d WHERE d.delivery IN (
	SELECT r.delivery FROM kirimhooks_deliveries r INDEXED BY kirimhooks_ready
	WHERE r.phase = 1 AND r.subscription = lane.value >> 1 AND r.is_test = lane.value & 1
	ORDER BY r.due_at, r.delivery LIMIT ? + 0)`

	sqlLease = `
UPDATE kirimhooks_deliveries
SET phase = 3, due_at = ?, token = ?, worker = ?, lapses = lapses + (leases > 0), leases = leases + 1 WHERE delivery = ?`

	sqlSetAside = `
UPDATE kirimhooks_deliveries SET phase = 0, due_at = ?, state = 'dead', reason = ?, leases = 0 WHERE delivery = ?`

	sqlEventOf = `
SELECT coalesce(e.id, ''), coalesce(e.type, '') FROM kirimhooks_deliveries d CROSS JOIN kirimhooks_events e
WHERE d.delivery = ? AND e.event = d.event`
)

// readyDelivery is a delivery that is about to be leased.
type readyDelivery struct {
	lane          lane
	number, event int64
	lapsed        bool // its last lease ran out
	claim         sender.Claim
	err           error // its row does not decode
}

// take leases up to want deliveries of each lane, sets aside what does not decode, and counts both by lane.
func (l *leaser) take(lanes []servedLane, want int) (taken map[lane]int, err error) {
	codes := make([]int64, len(lanes))
	subs := make(map[lane]*subscription, len(lanes))
	for i, x := range lanes {
		codes[i], subs[x.lane] = x.code(), x.sub
	}
	var ready []readyDelivery
	taken = map[lane]int{}
	err = l.tx.each(sqlReady, []any{jsonOf(codes), want}, func(scan scanner) error {
		r, err := l.scanReady(scan)
		taken[r.lane]++
		ready = append(ready, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	events, unreadable, err := l.tx.eventsOf(ready)
	if err != nil {
		return nil, err
	}
	for i := range ready {
		r := &ready[i]
		s := subs[r.lane]
		d := &r.claim.Delivery
		d.Org, d.SubscriptionID = s.record.Org, s.record.ID
		for _, err := range []error{r.err, s.err, unreadable[r.event]} {
			if r.err == nil {
				r.err = err
			}
		}
		if r.err != nil {
			err = l.setAside(r)
		} else {
			r.claim.Subscription, r.claim.Event = s.record, events[r.event]
			err = l.lease(r)
		}
		if err != nil {
			return nil, err
		}
	}
	return taken, nil
}

// scanReady fails only if the database does.
func (l *leaser) scanReady(scan scanner) (r readyDelivery, failed error) {
	var code, created, replayed int64
	d := &r.claim.Delivery
	err := scan(&code, &r.number, &r.event, &d.Attempt, &r.claim.Lapses, &r.lapsed, &created, &replayed, &d.Reason)
	if err != nil {
		row, failed := scanAny(scan, 9)
		r = readyDelivery{number: row.number(1), err: unreadable("its row", err)}
		r.lane = laneOf(row.number(0))
		r.claim.Delivery.Test = r.lane.isTest
		return r, failed
	}
	r.lane = laneOf(code)
	d.ID, d.State, d.Test = l.tx.store.encodeID(r.number), sender.StatePending, r.lane.isTest
	d.CreatedAt = instant(created)
	if replayed != 0 {
		d.ReplayedFrom = l.tx.store.encodeID(replayed)
	}
	return r, nil
}

// lease gives a delivery to the caller.
func (l *leaser) lease(r *readyDelivery) error {
	if _, err := l.tx.exec(sqlLease, l.until, l.token, l.request.Worker, r.number); err != nil {
		return err
	}
	c := r.claim
	c.Token = l.text
	if r.lapsed {
		c.Lapses++
		lost := &sender.Attempt{N: c.Delivery.Attempt + 1, ErrorClass: sender.ClassUnknown, Test: r.lane.isTest}
		if err := l.tx.logAttempt(r.number, lost, 0); err != nil {
			return err
		}
	}
	c.Delivery.EventID, c.Delivery.EventType = c.Event.Event.ID, c.Event.Event.Type
	l.claims = append(l.claims, c)
	return nil
}

// setAside ends a delivery of which no attempt can be made.
func (l *leaser) setAside(r *readyDelivery) error {
	if _, err := l.tx.exec(sqlSetAside, l.tx.now, sender.ReasonUnreadable, r.number); err != nil {
		return err
	}
	d := r.claim.Delivery
	if _, err := l.tx.row(sqlEventOf, []any{r.number}, &d.EventID, &d.EventType); err != nil {
		return err
	}
	d.ID, d.State, d.Reason = l.tx.store.encodeID(r.number), sender.StateDead, sender.ReasonUnreadable
	d.FinishedAt = instant(l.tx.now)
	err := fmt.Errorf("sqlitestore: delivery %s: %w", d.ID, r.err)
	l.aside = append(l.aside, sender.Unreadable{Delivery: d, Err: err})
	return nil
}
