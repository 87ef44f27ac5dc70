package sqlitestore

import (
	"context"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const (
	sqlReplayable = `SELECT d.delivery, CAST(d.sub AS INTEGER), CAST(d.test AS INTEGER)`

	sqlReplay = `
INSERT INTO kirimhooks_deliveries (org, event, sub, test, place, at, created, replayed)
SELECT org, event, sub, test, 1, ?2, ?2, delivery FROM kirimhooks_deliveries WHERE delivery = ?1`
)

// Replay implements [driver.Log].
func (s *Store) Replay(ctx context.Context, r driver.ReplayRequest) (made []driver.Replayed, err error) {
	f, err := s.newFilter(ctx, &r.DeliveryQuery)
	if err != nil || f.nothing {
		return nil, failed("replay", ctx, err)
	}
	f.add(`d.place = 0`)
	f.add(sqlGone + ` = 0`)
	if r.Named {
		f.addUnrepeated()
	} else {
		s.addNewest(f, &r.DeliveryQuery)
	}
	args := append(f.args, limit(&r.DeliveryQuery))
	err = s.write(ctx, "replay", func(tx *transaction) (err error) {
		made, err = tx.replay(sqlReplayable+f.clauses(), args)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(made) > 0 {
		s.bell.ring()
	}
	return made, nil
}

func (tx *transaction) replay(text string, args []any) (made []driver.Replayed, err error) {
	type old struct {
		number int64
		lane   lane
	}
	var olds []old
	var lanes []lane
	err = tx.each(text, args, func(scan scanner) error {
		var o old
		err := scan(&o.number, &o.lane.sub, &o.lane.test)
		olds = append(olds, o)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, o := range olds {
		number, err := tx.insert(sqlReplay, o.number, tx.now)
		if err != nil {
			return nil, err
		}
		made = append(made, driver.Replayed{Old: tx.store.encodeID(o.number), New: tx.store.encodeID(number)})
		lanes = append(lanes, o.lane)
	}
	return made, tx.openLanes(lanes)
}
