package sqlitestore

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Settle implements [driver.Queue].
func (s *Store) Settle(ctx context.Context, outcomes []driver.Outcome) ([]driver.Settled, error) {
	if len(outcomes) == 0 {
		return nil, failed("settle", ctx, ctx.Err())
	}
	var b *settlement
	err := s.write(ctx, "settle", func(tx *transaction) error {
		b = &settlement{
			tx: tx, settled: make([]driver.Settled, len(outcomes)), health: map[int64]*health{},
			minutes: minuteCounts{}, next: never,
		}
		return b.apply(outcomes)
	})
	if err != nil {
		return nil, err
	}
	if b.released {
		s.wakeup.ring()
	}
	s.wakeup.expect(b.next)
	return b.settled, nil
}

// settlement is one batch of outcomes.
type settlement struct {
	tx       *transaction
	settled  []driver.Settled
	health   map[int64]*health // by subscription
	minutes  minuteCounts
	next     int64 // the soonest retry
	released bool  // something is due at once
}

// settling is one outcome, and what is known of its delivery.
type settling struct {
	*driver.Outcome
	number, token int64
	lane          lane
	health        *health // of its subscription
}

func (b *settlement) apply(outcomes []driver.Outcome) error {
	list, err := b.locate(outcomes)
	if err != nil {
		return err
	}
	for i := range list {
		if list[i].health != nil {
			if b.settled[i], err = b.settle(&list[i]); err != nil {
				return err
			}
		}
	}
	for i := range list {
		if h := list[i].health; h != nil && !h.deleted {
			b.settled[i].Health = h.told(b.tx.now)
		}
	}
	if err := b.tx.countMinutes(b.minutes); err != nil {
		return err
	}
	if err := b.tx.saveHealth(b.health); err != nil {
		return err
	}
	if !b.released {
		return nil
	}
	_, err = b.tx.exec(sqlRelease)
	return err
}

// One row, since a row costs more than what is in it.
const sqlLanesOf = `
SELECT json_group_array((
	SELECT subscription << 1 | is_test FROM kirimhooks_deliveries WHERE delivery = json_each.value))
FROM json_each(?)`

// locate finds the deliveries, and the health of their subscriptions. What cannot have been leased here has none.
func (b *settlement) locate(outcomes []driver.Outcome) ([]settling, error) {
	list := make([]settling, len(outcomes))
	numbers := make([]int64, len(outcomes))
	for i := range outcomes {
		o := &outcomes[i]
		list[i].Outcome = o
		number, ok := b.tx.store.decodeID(o.DeliveryID)
		token, err := strconv.ParseInt(o.Token, 36, 64)
		if ok && err == nil && token > 0 {
			numbers[i], list[i].number, list[i].token = number, number, token
		}
	}
	var codes []*int64
	err := b.tx.each(sqlLanesOf, []any{jsonOf(numbers)}, func(scan scanner) error {
		var text []byte
		if err := scan(&text); err != nil {
			return err
		}
		return json.Unmarshal(text, &codes)
	})
	if err != nil {
		return nil, err
	}
	for i, code := range codes {
		if code != nil {
			list[i].lane = laneOf(*code)
			b.health[list[i].lane.subscription] = nil
		}
	}
	if err := b.tx.loadHealth(b.health); err != nil {
		return nil, err
	}
	for i, code := range codes {
		if code != nil {
			list[i].health = b.health[list[i].lane.subscription]
		}
	}
	return list, nil
}
