package sqlitestore

import (
	"context"
	"fmt"
	"strconv"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const (
	reasonGone    = "unsubscribed"
	reasonTrimmed = "trimmed"
)

// Settle implements [driver.Queue].
func (s *Store) Settle(ctx context.Context, outcomes []driver.Outcome) ([]driver.Settled, error) {
	for i := range outcomes {
		switch outcomes[i].State {
		case driver.StatePending, driver.StateDelivered, driver.StateDead, driver.StateCancelled:
		default:
			return nil, fmt.Errorf("sqlitestore: settle %s: a delivery cannot be settled as %q: %w",
				outcomes[i].DeliveryID, outcomes[i].State, driver.ErrInvalid)
		}
	}
	if len(outcomes) == 0 {
		return nil, failed("settle", ctx, ctx.Err())
	}
	var b *settlement
	err := s.write(ctx, "settle", func(tx *transaction) error {
		b = &settlement{
			tx: tx, settled: make([]driver.Settled, len(outcomes)), concerns: make([]*patient, len(outcomes)),
			patients: map[int64]*patient{}, tally: tally{}, next: never,
		}
		return b.apply(outcomes)
	})
	if err != nil {
		return nil, err
	}
	if b.released {
		s.bell.ring()
	}
	s.bell.expect(b.next)
	return b.settled, nil
}

// settlement is one batch of outcomes.
type settlement struct {
	tx       *transaction
	settled  []driver.Settled
	concerns []*patient         // by outcome
	patients map[int64]*patient // by subscription
	tally    tally
	next     int64 // the soonest retry
	released bool  // something is due at once
}

func (b *settlement) apply(outcomes []driver.Outcome) error {
	for _, r := range b.rounds(outcomes) {
		if err := b.settle(r); err != nil {
			return err
		}
	}
	if err := b.tx.countMinutes(b.tally); err != nil {
		return err
	}
	for sub, p := range b.patients {
		if err := b.tx.saveHealth(sub, p); err != nil {
			return err
		}
	}
	for i, p := range b.concerns {
		if p != nil && !p.gone {
			b.settled[i].Health = p.health(b.tx.now)
		}
	}
	if !b.released {
		return nil
	}
	_, err := b.tx.exec(sqlChanged) // for the other processes
	return err
}

// result is an outcome and what is known of its delivery.
type result struct {
	*driver.Outcome
	index         int // in the batch
	number, token int64
	place         int   // where the delivery stands now
	at            int64 // and the moment that goes with it
	applied       bool
	cancelled     bool // instead of what the outcome says
	lane          lane // if it applied
}

// round is a part of a batch with one outcome of each delivery at most, so that what is alike can be written together.
type round struct {
	results []result
	at      map[int64]int // index in results, by delivery
}

// rounds leaves out what cannot have been leased here. There is one round, unless a delivery has several outcomes.
func (b *settlement) rounds(outcomes []driver.Outcome) (list []*round) {
	for i := range outcomes {
		o := &outcomes[i]
		number, ok := b.tx.store.decodeID(o.DeliveryID)
		token, err := strconv.ParseInt(o.Token, 36, 64)
		if !ok || err != nil || token <= 0 {
			continue
		}
		n := 0
		for n < len(list) && list[n].has(number) {
			n++
		}
		if n == len(list) {
			list = append(list, &round{make([]result, 0, len(outcomes)-i), make(map[int64]int, len(outcomes)-i)})
		}
		r := list[n]
		r.at[number] = len(r.results)
		r.results = append(r.results, result{Outcome: o, index: i, number: number, token: token})
	}
	return list
}

func (r *round) has(number int64) bool { _, has := r.at[number]; return has }

// settle applies the outcomes of a round whose tokens hold their deliveries.
func (b *settlement) settle(r *round) error {
	if err := b.write(r); err != nil {
		return err
	}
	if err := b.loadPatients(r); err != nil {
		return err
	}
	log := attemptLog{now: b.tx.now}
	for i := range r.results {
		res := &r.results[i]
		if !res.applied {
			if err := b.stale(res); err != nil {
				return err
			}
			continue
		}
		if err := b.follow(res); err != nil {
			return err
		}
		if a := res.Attempt; a != nil {
			log.add(res.number, a, res.token)
			b.tally.add(res.lane.sub, b.tx.now, res.State == driver.StateDelivered, a.Duration)
		}
	}
	return b.tx.writeLog(&log)
}

const sqlSettleGone = `UPDATE kirimhooks_deliveries SET place = 0, at = ?, state = 'cancelled', reason = ? WHERE delivery = ?`

// follow does what an outcome that applied brings with it.
func (b *settlement) follow(r *result) error {
	p := b.patients[r.lane.sub]
	b.settled[r.index].Applied, b.settled[r.index].Cancelled, b.concerns[r.index] = true, r.cancelled, p
	p.judge(r.Health, b.tx.now)
	switch place := r.place; {
	case place == placeFinished:
	case p.gone: // there is nobody to try again
		_, err := b.tx.exec(sqlSettleGone, b.tx.now, reasonGone, r.number)
		return err
	case place == placeWaiting:
		b.next = min(b.next, r.at)
	default:
		b.released = true
		return b.tx.openLanes([]lane{r.lane})
	}
	return nil
}

const sqlLastResult = `SELECT sub, token, state, reason FROM kirimhooks_deliveries WHERE delivery = ? AND org = ?`

// stale deals with an outcome whose token does not hold the delivery: it has been applied, or comes too late.
func (b *settlement) stale(r *result) error {
	var sub, last int64
	var state, reason string
	known, err := b.tx.row(sqlLastResult, []any{r.number, r.Org}, &sub, &last, &state, &reason)
	if !known || err != nil {
		return err
	}
	p := b.patients[sub]
	if p == nil {
		if p, err = b.tx.loadHealth(sub); err != nil {
			return err
		}
		b.patients[sub] = p
	}
	b.concerns[r.index] = p
	as := r.State
	if p.gone && as == driver.StatePending {
		as = driver.StateCancelled
	}
	cancelled := as != driver.StateDelivered && state == string(driver.StateCancelled) && reason == driver.ReasonCancelled
	if last == r.token && (cancelled || state == string(as)) {
		b.settled[r.index] = driver.Settled{Applied: true, Cancelled: cancelled}
		return nil
	}
	if r.Attempt != nil {
		return b.tx.logStale(r.number, r.Attempt, r.token)
	}
	return nil
}
