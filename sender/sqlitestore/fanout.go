package sqlitestore

import (
	"fmt"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const (
	sqlDeliver = `
INSERT INTO kirimhooks_deliveries (org, event, subscription, is_test, phase, due_at, created_at)
SELECT ?1, CAST(key AS INTEGER), value, ?2, 1, ?3, ?3 FROM json_each(?4)`

	sqlDeliverLeased = `
INSERT INTO kirimhooks_deliveries
	(org, event, subscription, is_test, phase, due_at, created_at, token, leases, worker)
SELECT ?, ?, value, ?, 3, ?6, ?5, ?7, 1, ?8 FROM json_each(?4)`
)

// fanout is what deliveries have in common that are written together.
type fanout struct {
	org    string
	isTest bool
}

// addDeliveries makes one delivery of an event for each subscription. Those that l has room for are leased; the others
// are written with those of the whole batch.
func (tx *transaction) addDeliveries(p *driver.Publication, event int64, subs []*subscription, l *leaser) error {
	f := fanout{p.Org, p.Only != ""}
	var leased []*subscription
	var numbers []int64
	for _, s := range subs {
		if l.leasesNew(s, f.isTest) {
			leased, numbers = append(leased, s), append(numbers, s.number)
			continue
		}
		tx.fanouts[f] = fmt.Appendf(tx.fanouts[f], `,"%d":%d`, event, s.number)
		if f.isTest || s.isActive() || s.err != nil {
			if err := tx.openLane(lane{s.number, f.isTest}); err != nil {
				return err
			}
		}
	}
	if len(subs) == 0 {
		return nil
	}
	stored := storedEvent(p, tx.now)
	if len(leased) < len(subs) {
		tx.stored[event] = stored // a claim will ask for it
	}
	if len(leased) == 0 {
		return nil
	}
	args := []any{p.Org, event, f.isTest, jsonOf(numbers), tx.now, l.until, l.token, l.request.Worker}
	last, err := tx.insert(sqlDeliverLeased, args...)
	if err != nil {
		return err
	}
	first := last - int64(len(leased)) + 1 // one statement numbers its rows one after the other
	for i, s := range leased {
		l.claims = append(l.claims, driver.Claim{
			Delivery: driver.Delivery{
				ID: tx.store.encodeID(first + int64(i)), Org: p.Org, EventID: p.Event.ID, SubscriptionID: s.record.ID,
				EventType: p.Event.Type, State: driver.StatePending, Test: f.isTest, CreatedAt: instant(tx.now),
			},
			Token:        l.text,
			Event:        stored,
			Subscription: s.record,
		})
	}
	return nil
}

// fanOut writes what Claim will give.
func (tx *transaction) fanOut() error {
	for f, list := range tx.fanouts {
		list[0] = '{'
		if _, err := tx.exec(sqlDeliver, f.org, f.isTest, tx.now, string(list)+"}"); err != nil {
			return err
		}
	}
	return nil
}
