package sqlitestore

import "github.com/kirimhooks/kirimhooks/sender"

const (
	sqlReady = `
SELECT delivery FROM kirimhooks_deliveries INDEXED BY kirimhooks_ready WHERE place = 1 AND sub = ? AND test = ?
ORDER BY at, delivery LIMIT ? + 0`

	// sqlFirstReady asks many lanes for one delivery each.
	sqlFirstReady = `
SELECT value, coalesce((
	SELECT delivery FROM kirimhooks_deliveries INDEXED BY kirimhooks_ready
	WHERE place = 1 AND sub = json_each.value >> 1 AND test = json_each.value & 1
	ORDER BY at, delivery LIMIT 1), 0)
FROM json_each(?)`

	sqlTake = `
UPDATE kirimhooks_deliveries INDEXED BY kirimhooks_by_sub
SET place = 3, at = ?, token = ?, worker = ?, lapses = lapses + (leased > 0), leased = leased + 1
WHERE (sub, delivery) IN (SELECT value, CAST(key AS INTEGER) FROM json_each(?))
RETURNING delivery, event, sub, test, attempt, lapses, leased > 1, created, coalesce(replayed, 0), reason`
)

// find lists those deliveries of a lane that are due longest, and returns how many there are.
func (t *turn) find(l lane, want int, found *pairs) (n int, err error) {
	err = t.tx.each(sqlReady, []any{l.sub, l.test, want}, func(scan scanner) error {
		var number int64
		err := scan(&number)
		found.add(number, l.sub)
		n++
		return err
	})
	return n, err
}

// findFirst does so for one delivery of each lane, and calls f with how many there are: 1 or 0.
func (t *turn) findFirst(lanes numbers, found *pairs, f func(code int64, n int)) error {
	if len(lanes) == 0 {
		return nil
	}
	return t.tx.each(sqlFirstReady, []any{lanes.text()}, func(scan scanner) error {
		var code, number int64
		if err := scan(&code, &number); err != nil || number == 0 {
			f(code, 0)
			return err
		}
		found.add(number, code>>1)
		f(code, 1)
		return nil
	})
}

// take leases what was found.
func (t *turn) take(found pairs, records map[int64]*sender.SubscriptionRecord) error {
	if len(found) == 0 {
		return nil
	}
	var lapsed []lapse
	err := t.tx.each(sqlTake, []any{t.until, t.token, t.request.Worker, found.text()}, func(scan scanner) error {
		var number, event, sub, created, replayed int64
		var lost bool
		c := sender.Claim{Token: t.text}
		d := &c.Delivery
		if err := scan(&number, &event, &sub, &d.Test, &d.Attempt, &c.Lapses, &lost, &created, &replayed, &d.Reason); err != nil {
			return err
		}
		c.Subscription = records[sub]
		d.ID, d.Org, d.SubscriptionID = t.tx.store.encodeID(number), c.Subscription.Org, c.Subscription.ID
		d.State, d.CreatedAt = sender.StatePending, instant(created)
		if replayed != 0 {
			d.ReplayedFrom = t.tx.store.encodeID(replayed)
		}
		if lost {
			lapsed = append(lapsed, lapse{number, d.Attempt + 1, d.Test})
		}
		t.claims, t.origins = append(t.claims, c), append(t.origins, origin{event, created})
		return nil
	})
	if err != nil {
		return err
	}
	for _, x := range lapsed {
		lost := &sender.Attempt{N: x.n, ErrorClass: sender.ClassUnknown, Test: x.test}
		if err := t.tx.logAttempt(x.number, lost, 0); err != nil {
			return err
		}
	}
	return nil
}

// lapse is a lease whose holder was never heard of again.
type lapse struct {
	number int64
	n      int
	test   bool
}

// fill gives the claims their bodies.
func (t *turn) fill() error {
	events, err := t.tx.loadEvents(t.origins)
	if err != nil {
		return err
	}
	for i := range t.claims {
		c := &t.claims[i]
		c.Event = events[t.origins[i].event]
		c.Delivery.EventID, c.Delivery.EventType = c.Event.Event.ID, c.Event.Event.Type
	}
	return nil
}
