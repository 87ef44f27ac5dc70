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
	limit := pageOf(q.Limit)
	for len(made) < limit {
		sel, err := s.newSelection(ctx, ids, &q)
		if err != nil || sel == nil {
			return made, err
		}
		want := limit - len(made)
		keys, err := s.replayable(ctx, sel, r.Named, want)
		if err != nil {
			return made, err
		}
		if len(keys) > 0 {
			numbers, err := s.replay(ctx, &r, keys)
			if err != nil {
				return made, err
			}
			for i, k := range keys {
				if numbers[i] != 0 {
					made = append(made, driver.Replayed{Old: ids.encode(k), New: ids.sibling(&numbers[i], k)})
				}
			}
			q.After = ids.encode(keys[len(keys)-1])
		}
		if len(keys) < want { // there are no more; else others replayed some of these meanwhile
			break
		}
	}
	return made, nil
}

// replayable lists what seems fit to be replayed.
func (s *Store) replayable(ctx context.Context, sel *selection, named bool, limit int) (keys []key, err error) {
	err = s.each(ctx, s.sql.in(sel.replayable(named, limit)), sel.args, func(row scanner) error {
		var k key
		err := row.Scan(&k.number, &k.subscription)
		keys = append(keys, k)
		return err
	})
	return keys, err
}

// replay makes the deliveries; numbers[i] is that of the one that replays keys[i], 0 if that is no longer fit.
func (s *Store) replay(ctx context.Context, r *driver.ReplayRequest, keys []key) (numbers []int64, err error) {
	numbers = make([]int64, len(keys))
	olds, subscriptions := columnsOf(keys)
	text := s.sql.in(`select f.* from {durable}, {schema}.replay($1, $2::bigint[], $3::bigint[], $4::bool) f`)
	err = s.each(ctx, text, []any{r.Org, olds, subscriptions, r.Named}, func(row scanner) error {
		var ord, number int64
		if err := row.Scan(&ord, &number); err != nil {
			return err
		}
		numbers[ord-1] = number
		return nil
	})
	return numbers, err
}

func columnsOf(keys []key) (numbers, subscriptions []int64) {
	for _, k := range keys {
		numbers, subscriptions = append(numbers, k.number), append(subscriptions, k.subscription)
	}
	return numbers, subscriptions
}
