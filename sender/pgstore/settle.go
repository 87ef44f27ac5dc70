package pgstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// foldEach is how many settles pass until one adds up what they counted.
const foldEach = 64

// Settle implements [driver.Queue]: a transaction for what was simply delivered, one for the rest, and one more if some of it
// was applied before or had lost its lease. After an error, what came before it stands.
func (s *Store) Settle(ctx context.Context, batch []driver.Outcome) (settled []driver.Settled, err error) {
	defer wrap(&err, "settle")
	ctx, cancel, ids, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	st := settling{batch: batch, settled: make([]driver.Settled, len(batch)), health: map[owner]driver.Health{}}
	if err := st.sort(ids); err != nil {
		return nil, err
	}
	st.fold = s.settles.Add(1)%foldEach == 0
	// Not in one transaction: each of them takes its locks in one order, but one after the other they would be in none.
	if len(st.plain.at) > 0 {
		if err := s.deliver(ctx, &st); err != nil {
			return nil, err
		}
	}
	for len(st.first.at) > 0 {
		if err := s.apply(ctx, &st); err != nil {
			return nil, err
		}
		if err := s.explain(ctx, &st); err != nil {
			return nil, err
		}
	}
	for _, t := range st.twins {
		st.rest.add(t.at, &st.batch[t.at], t.key, t.token)
	}
	if err := s.explain(ctx, &st); err != nil {
		return nil, err
	}
	return st.settled, nil
}

// settling is one call of Settle.
type settling struct {
	batch   []driver.Outcome
	settled []driver.Settled
	fold    bool
	plain   plainOutcomes // delivered, of subscriptions that have nothing else here
	first   outcomes      // the others, one for each lease
	rest    outcomes      // what neither applied, and the second outcomes of a lease
	twins   []twin
	health  map[owner]driver.Health
}

type twin struct {
	at    int
	key   ref
	token int64
}

type owner struct {
	org string
	sub int64
}

// sort puts the batch into columns, and leaves out what cannot have been leased here.
func (st *settling) sort(ids *ids) error {
	type fence struct{ slot, sub, token int64 }
	seen := make(map[fence]bool, len(st.batch))
	leased := make([]twin, 0, len(st.batch))
	mixed := map[int64]bool{}
	for i := range st.batch {
		o := &st.batch[i]
		if _, ok := stateNumber(o.State); !ok {
			return fmt.Errorf("delivery %s: nothing is settled as %q: %w", o.DeliveryID, o.State, driver.ErrInvalid)
		}
		token, known := parseToken(o.Token)
		k, ok := o.Ref.(ref)
		if !ok {
			k.slot, k.sub, ok = ids.decode(o.DeliveryID)
		}
		if !known || !ok || !storable(o.Org) {
			continue
		}
		f := fence{k.slot, k.sub, token}
		if seen[f] {
			st.twins = append(st.twins, twin{i, k, token})
			continue
		}
		seen[f] = true
		leased = append(leased, twin{i, k, token})
		if !isPlain(o, k) {
			mixed[k.sub] = true
		}
	}
	plain := slices.DeleteFunc(slices.Clone(leased), func(l twin) bool { return mixed[l.key.sub] })
	slices.SortFunc(plain, func(a, b twin) int {
		return cmp.Or(cmp.Compare(a.key.slot, b.key.slot), cmp.Compare(a.key.sub, b.key.sub))
	})
	st.plain.grow(len(plain))
	for _, l := range plain {
		st.plain.add(l.at, &st.batch[l.at], l.key, l.token)
	}
	if len(plain) == len(leased) {
		return nil
	}
	st.first.grow(len(leased) - len(plain))
	for _, l := range leased {
		if mixed[l.key.sub] {
			st.first.add(l.at, &st.batch[l.at], l.key, l.token)
		}
	}
	return nil
}

// deliver writes the plain outcomes that still hold their delivery. What is not where the claim left it is left to apply,
// by its key.
func (s *Store) deliver(ctx context.Context, st *settling) error {
	o := &st.plain
	var missed []int64
	if err := s.row(ctx, s.sql.deliver, append(o.args(), st.fold), &missed); err != nil {
		return err
	}
	for j, i := range o.at {
		if slices.Contains(missed, int64(j+1)) {
			st.first.add(i, &st.batch[i], o.ref(j), o.token[j])
		} else {
			st.settled[i].Applied = true // and the health is zero
		}
	}
	return nil
}

// apply writes the others that still hold their delivery, and leaves the rest to explain.
func (s *Store) apply(ctx context.Context, st *settling) error {
	o := st.first
	st.first = outcomes{}
	applied := make([]settledAs, len(o.at))
	if err := s.each(ctx, s.sql.settle, o.args(), func(row scanner) error { return st.row(row, applied) }); err != nil {
		return err
	}
	for j, i := range o.at {
		if as := applied[j]; as != tooLate {
			st.settled[i] = driver.Settled{Applied: true, Cancelled: as == cancelled, Health: st.health[owner{o.org[j], o.sub[j]}]}
		} else {
			st.rest.add(i, &st.batch[i], ref{slot: o.slot[j], sub: o.sub[j]}, o.token[j])
		}
	}
	return nil
}

// settledAs is what became of an outcome.
type settledAs int

const (
	tooLate   settledAs = iota // its token no longer holds the delivery
	asTold                     // it applied
	cancelled                  // so did all of it but the state
)

// row reads an outcome that applied, or the health of a subscription.
func (st *settling) row(row scanner, applied []settledAs) error {
	var ord, sub int64
	var org *string
	var streak int
	var failing *int64
	if err := row.Scan(&ord, &org, &sub, &streak, &failing); err != nil {
		return err
	}
	if ord > 0 {
		applied[ord-1] = asTold + settledAs(streak)
	} else {
		st.health[owner{*org, sub}] = newHealth(&streak, failing)
	}
	return nil
}

// explain tells repeats from outcomes that came too late, and both from those whose delivery was being cancelled just then:
// these are to be applied once more.
func (s *Store) explain(ctx context.Context, st *settling) error {
	o := st.rest
	st.rest = outcomes{}
	if len(o.at) == 0 {
		return nil
	}
	return s.each(ctx, s.sql.stale, []any{o.org, o.slot, o.sub, o.token, o.state, o.n, o.dur, o.http, o.class, o.response, o.test}, func(row scanner) error {
		var ord int64
		var held, repeat, cancelled bool
		var streak *int
		var failing *int64
		if err := row.Scan(&ord, &held, &repeat, &cancelled, &streak, &failing); err != nil {
			return err
		}
		if j := ord - 1; held {
			st.first.add(o.at[j], &st.batch[o.at[j]], ref{slot: o.slot[j], sub: o.sub[j]}, o.token[j])
			return nil
		}
		st.settled[o.at[ord-1]] = driver.Settled{Applied: repeat, Cancelled: cancelled, Health: newHealth(streak, failing)}
		return nil
	})
}

func newHealth(streak *int, failing *int64) (h driver.Health) {
	if streak != nil {
		h.ConsecutiveDead = *streak
	}
	if failing != nil {
		h.FailingFor = fromMicros(max(*failing, 0)) // the clock may have gone back
	}
	return h
}

// printable makes a text storable that nobody should lose an outcome for.
func printable(s string) string {
	if storable(s) {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
