package sender

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// failingLevels are the shares of the way to being disabled, in percent, at which Hooks.Failing is called.
var failingLevels = [...]int{100, 90, 70, 50}

// maxWarned bounds what warnings remembers. Beyond it a warning may come twice.
const maxWarned = 10_000

// warnings remembers how far each subscription that fails had come when Hooks.Failing was called last. The zero
// warnings is empty.
type warnings struct {
	mu    sync.Mutex
	known map[string]warned // by subscription
}

type warned struct{ percent, dead int }

// rises reports whether a subscription has come further than it was known to have. One that has fewer dead deliveries
// in a row than it had has delivered meanwhile, perhaps in another process.
func (w *warnings) rises(id string, percent, dead int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	last := w.known[id]
	if dead < last.dead {
		last = warned{}
	}
	if percent == 0 {
		delete(w.known, id)
		return false
	}
	if w.known == nil {
		w.known = map[string]warned{}
	}
	if len(w.known) >= maxWarned {
		for other := range w.known { // any
			delete(w.known, other)
			break
		}
	}
	w.known[id] = warned{max(percent, last.percent), dead}
	return percent > last.percent
}

// forget arms all levels again.
func (w *warnings) forget(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.known, id)
}

// warn calls Hooks.Failing if an outcome has brought its subscription nearer to being disabled.
func (s *Sender) warn(ctx context.Context, c *conclusion, health Health) {
	hook, id := s.cfg.Hooks.Failing, c.outcome.Subscription
	switch {
	case hook == nil:
	case c.outcome.Health == driver.HealthSuccess:
		s.warnings.forget(id)
	case c.outcome.Health == driver.HealthDead:
		percent := s.percentUnfit(ctx, c.claim.Subscription.Contract, health)
		if s.warnings.rises(id, percent, health.ConsecutiveDead) {
			sub := shownSubscription(c.claim.Subscription)
			s.guarded(ctx, "Failing", func() { hook(ctx, sub, health, percent) })
		}
	}
}

// percentUnfit is the highest level that a health has reached. A contract says only what disables, so it is asked
// whether the same endpoint would be disabled if all of its health were so much worse.
func (s *Sender) percentUnfit(ctx context.Context, contract string, h Health) int {
	for _, percent := range failingLevels {
		worse := Health{
			ConsecutiveDead: h.ConsecutiveDead * 100 / percent,
			FailingFor:      min(h.FailingFor, math.MaxInt64/2) / time.Duration(percent) * 100,
		}
		if percent == 100 {
			worse = h
		}
		if s.unfit(ctx, contract, worse) {
			return percent
		}
	}
	return 0
}
