package sender

import (
	"context"
	"sync/atomic"

	"github.com/kirimhooks/kirimhooks/sender/internal/limiter"
)

// workers make attempts. Each takes jobs from the queue, gives their slots back to the limiter, leaves conclusions for
// the settle loop, and rings the alarm. They read caughtUp, and write no field.
type workers struct {
	s           *Sender
	alarm       *alarm
	queue       *queue
	caughtUp    *atomic.Bool // the claim loop's
	conclusions chan<- conclusion
}

// run is one worker. It makes attempts until there are no more jobs.
func (w *workers) run(ctx context.Context) {
	// Attempts derive contexts, which they could not do at once from one that all workers share.
	ctx, done := context.WithCancel(ctx)
	defer done()
	for j := range w.queue.jobs {
		switch {
		case w.queue.stopping.Load(), j.stale():
			w.finish(j.release(0, j.Delivery.Reason))
		case j.Delivery.Test && j.Delivery.ReplayedFrom == "":
			// The process that made the test died, and nobody waits for its answer.
			w.finish(j.end(StateDead, "abandoned"))
		default:
			w.finish(w.s.process(ctx, j.claim, j.until))
		}
	}
}

// finish gives the slot of an attempt back and leaves its conclusion to be written.
func (w *workers) finish(c conclusion) {
	var freed limiter.Freed
	w.queue.add(func() (run []job) {
		run, freed = w.s.limiter.Done(c.outcome.Subscription, c.reaction)
		return run
	})
	w.conclusions <- c
	if freed.Half {
		signal(w.alarm.halfFree)
	}
	switch more := freed.Wanted || !w.caughtUp.Load(); {
	case more && freed.HalfOfLane:
		w.alarm.ring() // the loop waits by itself for half of all slots: now a claim under way may have them reserved
	case more:
		w.alarm.within(company)
	}
}
