package pgstore

import (
	"context"
	"slices"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// addEach is how many settles pass until one adds to the minutes what they counted.
const addEach = 64

// Settle implements [driver.Queue]: a transaction for what was simply delivered, and one for the rest. There is one
// more if some of it was applied before or had lost its lease. After an error, what came before it stands.
func (s *Store) Settle(ctx context.Context, batch []driver.Outcome) (settled []driver.Settled, err error) {
	defer wrap(&err, "settle")
	ctx, cancel, ids, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	st := settling{batch: batch, settled: make([]driver.Settled, len(batch)), health: map[owner]driver.Health{}}
	st.sort(ids)
	st.add = s.settles.Add(1)%addEach == 0
	// Not in one transaction: each of them takes its locks in one order, but one after the other they would be in none.
	if len(st.delivered.list) > 0 {
		if err := s.settleDelivered(ctx, &st); err != nil {
			return nil, err
		}
	}
	for len(st.others.list) > 0 {
		if err := s.settleOthers(ctx, &st); err != nil {
			return nil, err
		}
		if err := s.settleLate(ctx, &st); err != nil {
			return nil, err
		}
	}
	for _, e := range st.repeats {
		st.late.add(e, &st.batch[e.at])
	}
	if err := s.settleLate(ctx, &st); err != nil {
		return nil, err
	}
	return st.settled, nil
}

// settleDelivered writes the plain outcomes that still hold their delivery. What is not where the claim left it is left
// to settleOthers, by its key.
func (s *Store) settleDelivered(ctx context.Context, st *settling) error {
	o := &st.delivered
	var missed []int64
	if err := s.row(ctx, s.sql.settleDelivered, append(o.args(), st.add), &missed); err != nil {
		return err
	}
	for j, e := range o.list {
		if slices.Contains(missed, int64(j+1)) {
			st.others.add(e, &st.batch[e.at])
		} else {
			st.settled[e.at].Applied = true // and the health is zero
		}
	}
	return nil
}

// settleOthers writes the others that still hold their delivery, and leaves the rest to settleLate.
func (s *Store) settleOthers(ctx context.Context, st *settling) error {
	o := st.others
	st.others = outcomes{}
	became := make([]fate, len(o.list))
	if err := s.each(ctx, s.sql.settle, o.args(), func(row scanner) error { return st.row(row, became) }); err != nil {
		return err
	}
	for j, e := range o.list {
		if became[j] == tooLate {
			st.late.add(e, &st.batch[e.at])
			continue
		}
		st.settled[e.at] = driver.Settled{
			Applied: true, Cancelled: became[j] == cancelled, Health: st.health[owner{o.org[j], e.subscription}],
		}
	}
	return nil
}

// settleLate tells repeats from outcomes that came too late, and both from those whose delivery was being cancelled
// just then: these are to be applied once more.
func (s *Store) settleLate(ctx context.Context, st *settling) error {
	o := st.late
	st.late = outcomes{}
	if len(o.list) == 0 {
		return nil
	}
	return s.each(ctx, s.sql.settleLate, o.lateArgs(), func(row scanner) error {
		var ord int64
		var current, repeat, cancelled bool
		var dead *int
		var failing *int64
		if err := row.Scan(&ord, &current, &repeat, &cancelled, &dead, &failing); err != nil {
			return err
		}
		e := o.list[ord-1]
		if current {
			st.others.add(e, &st.batch[e.at])
			return nil
		}
		st.settled[e.at] = driver.Settled{Applied: repeat, Cancelled: cancelled, Health: newHealth(dead, failing)}
		return nil
	})
}
