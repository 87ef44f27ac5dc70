package sender

import (
	"context"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const maxSettle = 500 // outcomes of one settle

// work makes attempts until there are no more jobs.
func (r *runner) work(ctx context.Context) {
	// Attempts derive contexts. From one that all workers shared they would do so in turn.
	ctx, done := context.WithCancel(ctx)
	defer done()
	for j := range r.jobs {
		switch {
		case r.stopping.Load(), j.stale():
			r.conclude(j.release(0, j.Delivery.Reason))
		case j.Delivery.Test && j.Delivery.ReplayedFrom == "":
			// The process that made the test died, and nobody waits for its answer.
			r.conclude(j.end(StateDead, "abandoned"))
		default:
			r.conclude(r.s.process(ctx, j.claim, j.until))
		}
	}
}

// conclude gives the slot of an attempt back and leaves its outcome to be written.
func (r *runner) conclude(c conclusion) {
	r.feeding.Lock()
	next, room := r.s.gate.leave(c.outcome.Subscription, c.reaction)
	r.feed(next)
	r.feeding.Unlock()
	r.concluded <- c
	if room.half {
		signal(r.roomy)
	}
	switch more := room.wanted || !r.short.Load(); {
	case more && room.halfOfLane:
		r.poke() // the loop waits by itself until half of all slots are free: now a claim under way may have them reserved
	case more:
		r.soonest(company)
	}
}

// settleAll writes conclusions as long as there are any: while one batch is being written the next gathers. What the
// store refuses is kept and tried again until its lease has run out; it keeps its room in the gate meanwhile, so that a
// store in trouble stops the claims.
func (r *runner) settleAll(ctx context.Context) {
	batch := make([]conclusion, 0, maxSettle)
	var kept []conclusion
	var took time.Duration
	for open := true; open; {
		batch, open = r.gather(batch[:0], len(kept) > 0, min(took, company))
		if len(batch) > 0 {
			began := time.Now()
			kept = append(kept, r.settle(ctx, batch)...)
			took = time.Since(began)
		}
		kept = r.settleKept(ctx, kept)
	}
	r.abandon(ctx, kept)
}

// gather takes at least one conclusion, unless there is other work to come back to, and those that come within linger: as
// long as the store took for the last batch, so that a slow one gets larger batches and a fast one lets nobody wait. It
// returns false when there will be no more.
func (r *runner) gather(batch []conclusion, otherWork bool, linger time.Duration) ([]conclusion, bool) {
	var retry <-chan time.Time
	if otherWork {
		timer := time.NewTimer(time.Second)
		defer timer.Stop()
		retry = timer.C
	}
	select {
	case c, ok := <-r.concluded:
		if !ok {
			return batch, false
		}
		batch = append(batch, c)
	case <-retry:
		return batch, true
	}
	if linger <= 0 {
		return r.drain(batch)
	}
	late := time.NewTimer(linger)
	defer late.Stop()
	for len(batch) < r.settles.size() {
		select {
		case c, ok := <-r.concluded:
			if !ok {
				return batch, false
			}
			batch = append(batch, c)
		case <-late.C:
			return r.drain(batch)
		}
	}
	return batch, true
}

// drain adds what is there.
func (r *runner) drain(batch []conclusion) ([]conclusion, bool) {
	for len(batch) < r.settles.size() {
		select {
		case c, ok := <-r.concluded:
			if !ok {
				return batch, false
			}
			batch = append(batch, c)
		default:
			return batch, true
		}
	}
	return batch, true
}

// settle writes one batch. It returns what the store refused for a while, marked with how long to keep it.
func (r *runner) settle(ctx context.Context, batch []conclusion) (refused []conclusion) {
	began := time.Now()
	settled, err := r.s.settle(ctx, batch, r.s.cfg.StoreTimeout)
	r.settles.took(len(batch), time.Since(began), err)
	if err == nil {
		r.written(ctx, batch, settled)
		return nil
	}
	for i := range batch {
		batch[i].keep = time.Now().Add(r.s.cfg.Lease)
	}
	return batch
}

// settleKept tries again what was refused, one by one, and abandons what has been for too long.
func (r *runner) settleKept(ctx context.Context, kept []conclusion) []conclusion {
	if len(kept) == 0 {
		return nil
	}
	kept = r.settleEach(ctx, kept)
	now := time.Now()
	past := func(c conclusion) bool { return now.After(c.keep) }
	for i := range kept {
		if past(kept[i]) {
			r.abandon(ctx, kept[i:i+1])
		}
	}
	return slices.DeleteFunc(kept, past)
}

// settleEach writes outcomes one by one, lest one that the store refuses takes the others with it, and returns those
// that were refused. After a few failures in a row it takes the store for the cause.
func (r *runner) settleEach(ctx context.Context, batch []conclusion) (refused []conclusion) {
	const hopeless = 3
	inARow := 0
	for i := range batch {
		if inARow == hopeless {
			return append(refused, batch[i:]...)
		}
		settled, err := r.s.settle(ctx, batch[i:i+1], 0)
		if err != nil {
			inARow++
			refused = append(refused, batch[i])
			continue
		}
		inARow = 0
		r.written(ctx, batch[i:i+1], settled)
	}
	return refused
}

// abandon leaves outcomes unwritten: the deliveries are tried again, here or elsewhere.
func (r *runner) abandon(ctx context.Context, batch []conclusion) {
	for i := range batch {
		r.s.cfg.Logger.ErrorContext(ctx, "outcome not written; the delivery is tried again when its lease runs out",
			batch[i].claim.logged()...)
	}
	r.written(ctx, batch, make([]driver.Settled, len(batch)))
}

// written sees to what follows from outcomes that are dealt with.
func (r *runner) written(ctx context.Context, batch []conclusion, settled []driver.Settled) {
	for i := range batch {
		c := &batch[i]
		if settled[i].Applied {
			r.s.settled(ctx, c, settled[i])
			if c.outcome.State == StatePending {
				r.soonest(c.outcome.After)
			}
		}
	}
	if r.s.gate.wrote(len(batch)) {
		r.poke()
	}
}

// settle writes outcomes, and tries again for as long as patience and ctx last.
func (s *Sender) settle(ctx context.Context, batch []conclusion, patience time.Duration) ([]driver.Settled, error) {
	outcomes := make([]driver.Outcome, len(batch))
	for i := range batch {
		outcomes[i] = batch[i].outcome
	}
	write := func() ([]driver.Settled, error) {
		settled, err := s.store.Settle(ctx, outcomes)
		if err != nil {
			s.storeFailed(ctx, "settle", err)
		} else {
			s.storeWorked(ctx, "settle")
		}
		return settled, err
	}
	if patience == 0 {
		return write()
	}
	return backoff.RetryWithData(write, backoff.WithContext(backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(50*time.Millisecond), backoff.WithMaxInterval(2*time.Second), backoff.WithMaxElapsedTime(patience)), ctx))
}

// settled tells of an outcome that the store has written, and lets the contract judge the subscription's health.
func (s *Sender) settled(ctx context.Context, c *conclusion, as driver.Settled) {
	if c.outcome.State == StatePending && !as.Cancelled {
		return
	}
	d := shown(c.claim.Delivery)
	d.State, d.Reason, d.FinishedAt = c.outcome.State, c.outcome.Reason, time.Now()
	if as.Cancelled {
		d.State, d.Reason = StateCancelled, ReasonCancelled
	}
	if a := c.outcome.Attempt; a != nil {
		d.Attempt = a.N
	}
	switch {
	case d.State == StateDead && d.Test:
		s.cfg.Logger.InfoContext(ctx, "test failed", c.claim.logged("event", d.EventID, "type", d.EventType, "reason", d.Reason)...)
	case d.State == StateDead:
		s.cfg.Logger.WarnContext(ctx, "delivery dead",
			c.claim.logged("event", d.EventID, "type", d.EventType, "attempts", d.Attempt, "reason", d.Reason)...)
	}
	if hook := s.cfg.Hooks.Finished; hook != nil {
		s.guarded(ctx, "Finished", func() { hook(ctx, d) })
	}
	if c.disable || c.outcome.Health == driver.HealthDead && s.unfit(ctx, c.claim.Subscription.Contract, as.Health) {
		s.disable(ctx, c)
	}
}

// unfit asks a contract whether a subscription of that health is to be disabled.
func (s *Sender) unfit(ctx context.Context, name string, health Health) (unfit bool) {
	if contract := s.contract(name); contract != nil {
		s.guarded(ctx, "Contract.Disable", func() { unfit = contract.Disable(health) })
	}
	return unfit
}
