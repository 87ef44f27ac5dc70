package dedupe

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// renewal keeps the lease of a claim while a function runs. It is a timer that arms itself again, not a goroutine that
// waits. Most functions end long before a third of the lease, and those pay for a timer only.
type renewal struct {
	*claim
	ctx    context.Context // the function's
	lost   context.CancelCauseFunc
	failed error // what the store answered last, if it failed

	mu      sync.Mutex
	timer   *time.Timer
	stopped bool
	cut     context.CancelFunc // cuts off the last call of the store
	done    chan struct{}      // closed when that call has ended; nil if there was none
}

// renew starts. ctx is the function's, lost ends it.
func (c *claim) renew(ctx context.Context, lost context.CancelCauseFunc) *renewal {
	r := &renewal{claim: c, ctx: ctx, lost: lost}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.timer = time.AfterFunc(r.share(3), r.tick)
	return r
}

// stop ends the renewal. It waits for a call of the store that is under way, which a release must not overtake. After
// patience the call is cut off: a store that hangs must not delay the answer.
func (r *renewal) stop(patience time.Duration) {
	r.mu.Lock()
	r.stopped = true
	r.timer.Stop()
	cut, done := r.cut, r.done
	r.mu.Unlock()
	if done != nil {
		impatient := time.AfterFunc(patience, cut)
		<-done
		impatient.Stop()
	}
	r.lost(nil)
}

func (r *renewal) tick() {
	// The function's context may end, by its deadline or because the caller left, long before the function does.
	ctx, cut := context.WithCancel(context.WithoutCancel(r.ctx))
	defer cut()
	done := make(chan struct{})
	defer close(done)
	r.mu.Lock()
	stopped := r.stopped
	r.cut, r.done = cut, done
	r.mu.Unlock()
	if stopped {
		return
	}
	next, err := r.extend(ctx)
	if err != nil {
		r.lost(err)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.stopped {
		r.timer.Reset(next)
	}
}

// extend asks the store and returns the time until it should be asked again, sooner after a failure. An error means
// that the lease is lost: another has the key, or the store has failed for so long that another may have it. A process
// that was suspended past the lease asks once all the same: most likely nobody took the key meanwhile.
func (r *renewal) extend(ctx context.Context) (next time.Duration, err error) {
	timeout := r.storeTimeout
	switch left := r.lease - time.Since(r.asked); {
	case left > 0:
		timeout = min(timeout, left)
	case r.failed != nil:
		return 0, fmt.Errorf("%w: not renewed in time: %w", ErrLeaseLost, bare(r.failed))
	}
	now := time.Now()
	state, _, err := r.ask(ctx, timeout)
	switch {
	case err != nil:
		r.failed = err
		return min(r.share(9), r.lease-time.Since(r.asked)), nil
	case state != Claimed:
		return 0, fmt.Errorf("%w: found %v by another", ErrLeaseLost, state)
	}
	r.asked, r.failed = now, nil
	return r.share(3), nil
}

func (r *renewal) share(n time.Duration) time.Duration { return max(r.lease/n, time.Millisecond) }
