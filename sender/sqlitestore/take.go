package sqlitestore

import "github.com/kirimhooks/kirimhooks/sender/driver"

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

// take leases what was found, and sets aside what does not decode.
func (t *turn) take(found pairs, records map[int64]*driver.SubscriptionRecord) error {
	if len(found) == 0 {
		return nil
	}
	var lapsed []lapse
	var broken []brokenDelivery
	err := t.tx.each(sqlTake, []any{t.until, t.token, t.request.Worker, found.text()}, func(scan scanner) error {
		var number, event, sub, created, replayed int64
		var lost bool
		c := driver.Claim{Token: t.text}
		d := &c.Delivery
		err := scan(&number, &event, &sub, &d.Test, &d.Attempt, &c.Lapses, &lost, &created, &replayed, &d.Reason)
		if err != nil {
			row, failed := scanAny(scan, 10)
			broken = append(broken, brokenDelivery{row.number(0), row.number(2), driver.Delivery{Test: row.flag(3)}, unreadable("its row", err)})
			return failed
		}
		d.State, d.CreatedAt = driver.StatePending, instant(created)
		if replayed != 0 {
			d.ReplayedFrom = t.tx.store.encodeID(replayed)
		}
		if gone := t.tx.broken[sub]; gone != nil {
			broken = append(broken, brokenDelivery{number, sub, *d, gone.err})
			return nil
		}
		c.Subscription = records[sub]
		d.ID, d.Org, d.SubscriptionID = t.tx.store.encodeID(number), c.Subscription.Org, c.Subscription.ID
		if lost {
			lapsed = append(lapsed, lapse{number, d.Attempt + 1, d.Test})
		}
		t.claims, t.origins = append(t.claims, c), append(t.origins, origin{event, created, number})
		return nil
	})
	if err != nil {
		return err
	}
	for _, b := range broken {
		if r := records[b.sub]; r != nil {
			b.d.Org, b.d.SubscriptionID = r.Org, r.ID
		}
		if err := t.setAside(b.number, b.d, b.err); err != nil {
			return err
		}
	}
	for _, x := range lapsed {
		lost := &driver.Attempt{N: x.n, ErrorClass: driver.ClassUnknown, Test: x.test}
		if err := t.tx.logAttempt(x.number, lost, 0); err != nil {
			return err
		}
	}
	return nil
}

// brokenDelivery is one that was taken and must be set aside.
type brokenDelivery struct {
	number, sub int64
	d           driver.Delivery
	err         error
}

// lapse is a lease whose holder was never heard of again.
type lapse struct {
	number int64
	n      int
	test   bool
}

// fill gives the claims their bodies. Those without one are set aside.
func (t *turn) fill() error {
	events, broken, err := t.tx.loadEvents(t.origins)
	if err != nil {
		return err
	}
	whole := t.claims[:0]
	for i, c := range t.claims {
		o := t.origins[i]
		if err := broken[o.event]; err != nil {
			if err := t.setAside(o.delivery, c.Delivery, err); err != nil {
				return err
			}
			continue
		}
		c.Event = events[o.event]
		c.Delivery.EventID, c.Delivery.EventType = c.Event.Event.ID, c.Event.Event.Type
		whole = append(whole, c)
	}
	t.claims = whole
	return nil
}
