package sender

import (
	"context"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/internal/batcher"
)

const maxSettle = 500 // outcomes of one settle

// settler is the settle loop. It takes conclusions, writes their outcomes in batches, tells the limiter when they are
// written, and rings the alarm. Its fields are its own, and it has no lock.
type settler struct {
	s           *Sender
	alarm       *alarm
	conclusions <-chan conclusion
	size        *batcher.Size
}

// run writes as long as there are conclusions: while one batch is being written the next gathers. What the store
// refuses is kept and tried again until its lease has run out. Meanwhile it counts as unwritten, so that a store in
// trouble stops the claims.
func (t *settler) run(ctx context.Context) {
	batch := make([]conclusion, 0, maxSettle)
	var kept []conclusion
	var took time.Duration
	for open := true; open; {
		batch, open = t.gather(batch[:0], len(kept) > 0, min(took, company))
		if len(batch) > 0 {
			began := time.Now()
			kept = append(kept, t.write(ctx, batch)...)
			took = time.Since(began)
		}
		kept = t.retry(ctx, kept)
	}
	t.abandon(ctx, kept)
}

// gather takes at least one conclusion, unless there is other work to come back to, and those that come within linger.
// That is as long as the store took for the last batch: a slow one gets larger batches, a fast one lets nobody wait.
// It returns false when there will be no more.
func (t *settler) gather(batch []conclusion, otherWork bool, linger time.Duration) ([]conclusion, bool) {
	var retry <-chan time.Time
	if otherWork {
		timer := time.NewTimer(time.Second)
		defer timer.Stop()
		retry = timer.C
	}
	select {
	case c, ok := <-t.conclusions:
		if !ok {
			return batch, false
		}
		batch = append(batch, c)
	case <-retry:
		return batch, true
	}
	if linger <= 0 {
		return t.drain(batch)
	}
	late := time.NewTimer(linger)
	defer late.Stop()
	for len(batch) < t.size.Now() {
		select {
		case c, ok := <-t.conclusions:
			if !ok {
				return batch, false
			}
			batch = append(batch, c)
		case <-late.C:
			return t.drain(batch)
		}
	}
	return batch, true
}

// drain adds what is there.
func (t *settler) drain(batch []conclusion) ([]conclusion, bool) {
	for len(batch) < t.size.Now() {
		select {
		case c, ok := <-t.conclusions:
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

// write writes one batch. It returns what the store refused for a while, marked with how long to keep it.
func (t *settler) write(ctx context.Context, batch []conclusion) (refused []conclusion) {
	began := time.Now()
	settled, err := t.s.settle(ctx, batch, t.s.cfg.StoreTimeout)
	t.size.Learn(len(batch), time.Since(began), err)
	if err == nil {
		t.written(ctx, batch, settled)
		return nil
	}
	for i := range batch {
		batch[i].keep = time.Now().Add(t.s.cfg.Lease)
	}
	return batch
}

// written sees to what follows from conclusions that are dealt with.
func (t *settler) written(ctx context.Context, batch []conclusion, settled []driver.Settled) {
	for i := range batch {
		c := &batch[i]
		if settled[i].Applied {
			t.s.settled(ctx, c, settled[i])
			if c.outcome.State == StatePending {
				t.alarm.within(c.outcome.After)
			}
		}
	}
	if t.s.limiter.Written(len(batch)) {
		t.alarm.ring()
	}
}
