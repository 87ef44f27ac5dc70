package dedupe

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// renewal keeps the lease of a claim while a function runs. It is a timer that arms itself again, not a goroutine that waits:
// most functions end long before a third of the lease, and those pay for a timer only.
type renewal struct {
	claim
	ctx    context.Context // of calls of the store; ends with cut
	cut    context.CancelFunc
	lost   context.CancelCauseFunc
	failed error         // what the store answered last, if it failed
	done   chan struct{} // closed when tick has run for the last time

	mu      sync.Mutex
	timer   *time.Timer
	stopped bool
}

// renew starts. ctx is the function's, lost ends it.
func (c *claim) renew(ctx context.Context, lost context.CancelCauseFunc) *renewal {
	// The function's context may end, by its deadline or because the caller left, long before the function does.
	r := &renewal{claim: *c, lost: lost, done: make(chan struct{})}
	r.ctx, r.cut = context.WithCancel(context.WithoutCancel(ctx))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.timer = time.AfterFunc(r.share(3), r.tick)
	return r
}

// stop ends the renewal and waits for a call of the store that is under way, which a release must not overtake. After patience the
// call is cut off: a store that hangs must not hold up the answer.
func (r *renewal) stop(patience time.Duration) {
	r.mu.Lock()
	r.stopped = true
	pending := r.timer.Stop()
	r.mu.Unlock()
	if !pending {
		impatient := time.AfterFunc(patience, r.cut)
		<-r.done
		impatient.Stop()
	}
	r.cut()
	r.lost(nil)
}

func (r *renewal) tick() {
	next, err := r.extend()
	if err != nil {
		r.lost(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil || r.stopped {
		close(r.done)
		return
	}
	r.timer.Reset(next)
}

// extend asks the store and returns the time until it should be asked again, sooner after a failure. An error means that the
// lease is lost: another has the key, or the store has failed for so long that another may have it. A process that was
// suspended past the lease asks once all the same: most likely nobody took the key meanwhile.
func (r *renewal) extend() (next time.Duration, err error) {
	timeout := r.storeTimeout
	switch left := r.lease - time.Since(r.held); {
	case left > 0:
		timeout = min(timeout, left)
	case r.failed != nil:
		return 0, fmt.Errorf("%w: not renewed in time: %w", ErrLeaseLost, bare(r.failed))
	}
	asked := time.Now()
	state, _, err := r.ask(r.ctx, timeout)
	switch {
	case err != nil:
		r.failed = err
		return min(r.share(9), r.lease-time.Since(r.held)), nil
	case state != Claimed:
		return 0, fmt.Errorf("%w: found %v by another", ErrLeaseLost, state)
	}
	r.held, r.failed = asked, nil
	return r.share(3), nil
}

func (r *renewal) share(n time.Duration) time.Duration { return max(r.lease/n, time.Millisecond) }
