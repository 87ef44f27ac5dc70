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
SELECT ?1, CAST(key AS INTEGER), value, ?2, 3, ?5, ?3, ?6, 1, ?7 FROM json_each(?4)`
)

// fanoutKey is what deliveries have in common that are written together.
type fanoutKey struct {
	org    string
	isTest bool
}

// fanout is the deliveries of a batch of publications: subscriptions by event, in JSON.
type fanout struct {
	waiting []byte
	leased  []byte
	claims  []driver.Claim // of those that are leased
}

// addDeliveries makes one delivery of an event for each subscription. Those that l has room for are leased.
func (tx *transaction) addDeliveries(p *driver.Publication, event int64, subs []*subscription, l *leaser) error {
	key := fanoutKey{p.Org, p.Only != ""}
	f := tx.fanouts[key]
	if f == nil {
		f = &fanout{}
		tx.fanouts[key] = f
	}
	stored := storedEvent(p, tx.now)
	for _, s := range subs {
		if l.leasesNew(s, key.isTest) {
			f.leased = fmt.Appendf(f.leased, `,"%d":%d`, event, s.number)
			f.claims = append(f.claims, l.newClaim(stored, s, key.isTest))
			continue
		}
		f.waiting = fmt.Appendf(f.waiting, `,"%d":%d`, event, s.number)
		tx.stored[event] = stored // a claim will ask for it
		if key.isTest || s.isActive() || s.err != nil {
			if err := tx.openLane(lane{s.number, key.isTest}); err != nil {
				return err
			}
		}
	}
	return nil
}

// newClaim is the claim of a delivery that has no number yet.
func (l *leaser) newClaim(e *driver.StoredEvent, s *subscription, isTest bool) driver.Claim {
	return driver.Claim{
		Delivery: driver.Delivery{
			Org: e.Org, EventID: e.Event.ID, SubscriptionID: s.record.ID, EventType: e.Event.Type,
			State: driver.StatePending, Test: isTest, CreatedAt: instant(l.tx.now),
		},
		Token: l.text, Event: e, Subscription: s.record,
	}
}

// fanOut writes the deliveries.
func (tx *transaction) fanOut(l *leaser) error {
	for key, f := range tx.fanouts {
		if len(f.waiting) > 0 {
			f.waiting[0] = '{'
			if _, err := tx.exec(sqlDeliver, key.org, key.isTest, tx.now, string(f.waiting)+"}"); err != nil {
				return err
			}
		}
		if len(f.leased) == 0 {
			continue
		}
		f.leased[0] = '{'
		last, err := tx.insert(sqlDeliverLeased, key.org, key.isTest, tx.now, string(f.leased)+"}",
			l.until, l.token, l.request.Worker)
		if err != nil {
			return err
		}
		first := last - int64(len(f.claims)) + 1 // one statement numbers its rows one after the other
		for i := range f.claims {
			f.claims[i].Delivery.ID = tx.store.encodeID(first + int64(i))
		}
		l.claims = append(l.claims, f.claims...)
	}
	return nil
}
