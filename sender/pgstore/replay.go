package pgstore

import (
	"context"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Replay implements [driver.Log].
func (s *Store) Replay(ctx context.Context, r driver.ReplayRequest) (made []driver.Replayed, err error) {
	defer wrap(&err, "replay")
	ctx, cancel, ids, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	q := r.DeliveryQuery
	limit := limitOf(&q)
	for len(made) < limit {
		sel, err := s.newSelection(ctx, ids, &q)
		if err != nil || sel == nil {
			return made, err
		}
		want := limit - len(made)
		slots, subs, err := s.repeatable(ctx, sel, r.Named, want)
		if err != nil {
			return made, err
		}
		if len(slots) > 0 {
			news, err := s.repeat(ctx, &r, slots, subs)
			if err != nil {
				return made, err
			}
			for i, slot := range news {
				if slot != 0 {
					made = append(made, driver.Replayed{Old: ids.encode(slots[i], subs[i]), New: ids.encode(slot, subs[i])})
				}
			}
			q.After = ids.encode(slots[len(slots)-1], subs[len(subs)-1])
		}
		if len(slots) < want { // there are no more; else others replayed some of these meanwhile
			break
		}
	}
	return made, nil
}

// repeatable lists what seems fit to be replayed.
func (s *Store) repeatable(ctx context.Context, sel *selection, named bool, limit int) (slots, subs []int64, err error) {
	err = s.each(ctx, s.sql.in(sel.repeatable(named, limit)), sel.args, func(row scanner) error {
		var slot, sub int64
		if err := row.Scan(&slot, &sub); err != nil {
			return err
		}
		slots, subs = append(slots, slot), append(subs, sub)
		return nil
	})
	return slots, subs, err
}

// repeat makes the deliveries; news[i] is the slot of the one that repeats slots[i], 0 if that is no longer fit.
func (s *Store) repeat(ctx context.Context, r *driver.ReplayRequest, slots, subs []int64) (news []int64, err error) {
	news = make([]int64, len(slots))
	text := s.sql.in(`select f.* from {durable}, {schema}.replay($1, $2::bigint[], $3::bigint[], $4::bool) f`)
	err = s.each(ctx, text, []any{r.Org, slots, subs, r.Named}, func(row scanner) error {
		var ord, slot int64
		if err := row.Scan(&ord, &slot); err != nil {
			return err
		}
		news[ord-1] = slot
		return nil
	})
	return news, err
}
