package sqlitestore

import "github.com/kirimhooks/kirimhooks/sender/driver"

// births are the deliveries that a batch of publications makes. They are written together.
type births struct {
	tx   *transaction
	turn *turn // may be nil

	born    groups[birth, pairs] // subscription by event: those that the publisher itself attempts
	waiting groups[birth, pairs] // those that Claim will give
	lanes   []lane               // that Claim may take from now; more than once, some

	records map[int64]*driver.SubscriptionRecord // of born, by subscription
	events  map[int64]*driver.StoredEvent        // of born
}

// birth is what deliveries that are written together have in common.
type birth struct {
	org  string
	test bool
}

// add makes one delivery of an event for each match. Those that the turn has room for are leased.
func (b *births) add(p *driver.Publication, event int64, matches []match) {
	kind := birth{p.Org, p.Only != ""}
	waits, borne := false, false
	for _, m := range matches {
		if b.turn.bears(m, kind.test) {
			b.born.at(kind).add(event, m.sub)
			b.records[m.sub] = m.record
			borne = true
			continue
		}
		b.waiting.at(kind).add(event, m.sub)
		waits = true
		if kind.test || m.active() || m.broken {
			b.lanes = append(b.lanes, lane{m.sub, kind.test})
		}
	}
	keeps := waits && b.tx.keeps
	if !borne && !keeps {
		return
	}
	stored := storedEvent(p, b.tx.now)
	if keeps {
		b.tx.stored = append(b.tx.stored, numberedEvent{event, stored})
	}
	if borne {
		b.events[event] = stored
	}
}

const (
	sqlDeliver = `
INSERT INTO kirimhooks_deliveries (org, event, sub, test, place, at, created)
SELECT ?, CAST(key AS INTEGER), value, ?, 1, ?, ? FROM json_each(?)`

	sqlBear = `
INSERT INTO kirimhooks_deliveries (org, event, sub, test, place, at, created, token, leased, worker)
SELECT ?, CAST(key AS INTEGER), value, ?, 3, ?, ?, ?, 1, ? FROM json_each(?)
RETURNING delivery, event, sub`
)

// deliver writes what Claim will give, and reports whether there is anything.
func (b *births) deliver() (ready bool, err error) {
	for _, kind := range b.waiting.keys {
		if _, err := b.tx.exec(sqlDeliver, kind.org, kind.test, b.tx.now, b.tx.now, b.waiting.of[kind].text()); err != nil {
			return false, err
		}
	}
	return len(b.lanes) > 0, b.tx.openLanes(b.lanes)
}

// bear writes what the publisher itself attempts, and adds it to the claims.
func (b *births) bear() error {
	t := b.turn
	for _, kind := range b.born.keys {
		args := []any{kind.org, kind.test, t.until, b.tx.now, t.token, t.request.Worker, b.born.of[kind].text()}
		err := b.tx.each(sqlBear, args, func(scan scanner) error {
			var number, event, sub int64
			if err := scan(&number, &event, &sub); err != nil {
				return err
			}
			e, record := b.events[event], b.records[sub]
			t.claims = append(t.claims, driver.Claim{
				Delivery: driver.Delivery{
					ID: b.tx.store.encodeID(number), Org: kind.org, EventID: e.Event.ID, SubscriptionID: record.ID,
					EventType: e.Event.Type, State: driver.StatePending, Test: kind.test, CreatedAt: instant(b.tx.now),
				},
				Token:        t.text,
				Event:        e,
				Subscription: record,
			})
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
