package sqlitestore

import (
	"github.com/kirimhooks/kirimhooks/sender"
)

const (
	sqlDeliver = `
INSERT INTO kirimhooks_deliveries (org, event, subscription, is_test, phase, due_at, created_at)
SELECT ?, ?, value, ?, 1, ?5, ?5 FROM json_each(?4)`

	sqlDeliverLeased = `
INSERT INTO kirimhooks_deliveries
	(org, event, subscription, is_test, phase, due_at, created_at, token, leases, worker)
SELECT ?, ?, value, ?, 3, ?6, ?5, ?7, 1, ?8 FROM json_each(?4)`
)

// addDeliveries makes one delivery of an event for each subscription. Those that l has room for are leased.
func (tx *transaction) addDeliveries(p *sender.Publication, event int64, subs []*subscription, l *leaser) error {
	isTest := p.Only != ""
	var leased []*subscription
	var leasedNumbers, waiting []int64
	for _, s := range subs {
		if l.leasesNew(s, isTest) {
			leased, leasedNumbers = append(leased, s), append(leasedNumbers, s.number)
			continue
		}
		waiting = append(waiting, s.number)
		if isTest || s.isActive() || s.err != nil {
			if err := tx.openLane(lane{s.number, isTest}); err != nil {
				return err
			}
		}
	}
	if len(waiting) > 0 {
		if _, err := tx.exec(sqlDeliver, p.Org, event, isTest, jsonOf(waiting), tx.now); err != nil {
			return err
		}
	}
	if len(leased) == 0 {
		return nil
	}
	args := []any{p.Org, event, isTest, jsonOf(leasedNumbers), tx.now, l.until, l.token, l.request.Worker}
	last, err := tx.insert(sqlDeliverLeased, args...)
	if err != nil {
		return err
	}
	stored := storedEvent(p, tx.now)
	first := last - int64(len(leased)) + 1 // one statement numbers its rows one after the other
	for i, s := range leased {
		l.claims = append(l.claims, sender.Claim{
			Delivery: sender.Delivery{
				ID: tx.store.encodeID(first + int64(i)), Org: p.Org, EventID: p.Event.ID, SubscriptionID: s.record.ID,
				EventType: p.Event.Type, State: sender.StatePending, Test: isTest, CreatedAt: instant(tx.now),
			},
			Token:        l.text,
			Event:        stored,
			Subscription: s.record,
		})
	}
	return nil
}
