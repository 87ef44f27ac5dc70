package dedupe

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"
)

// claim is one Do: one key, one token.
type claim struct {
	*settings
	remember   time.Duration // once it is done
	key, token string
	asked      time.Time // the lease lasts from here at least
}

func (g *Guard) claim(key string, ttl time.Duration) *claim {
	return &claim{
		settings: &g.resolved,
		remember: cmp.Or(g.resolved.ttl, ttl),
		key:      storeKey(g.Prefix, key),
		token:    rand.Text(),
	}
}

// Waiting for another's claim starts with short looks, since most functions are quick, and then spares the store.
const (
	firstLook = 5 * time.Millisecond
	lastLook  = 250 * time.Millisecond
)

// take returns nil once the key is ours.
func (c *claim) take(ctx context.Context) error {
	var deadline time.Time
	for look := firstLook; ; look = min(2*look, lastLook) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		c.asked = time.Now()
		state, left, err := c.ask(ctx, c.storeTimeout)
		if err != nil {
			if ctx.Err() != nil {
				// The claim may have been stored before the caller gave up.
				_ = c.finish(ctx, false, nil)
				return context.Cause(ctx)
			}
			return &StoreError{"claim", err}
		}
		switch state {
		case Claimed:
			return nil
		case Done:
			return ErrDuplicate
		}
		now := time.Now()
		if deadline.IsZero() {
			deadline = now.Add(c.wait)
		}
		rest := deadline.Sub(now)
		if rest <= 0 {
			return ErrRunning
		}
		// A lease that is about to end is worth a look at that moment.
		if err := sleep(ctx, min(look, rest, max(left, time.Millisecond))); err != nil {
			return err
		}
	}
}

// ask claims the key, or renews its lease.
func (c *claim) ask(ctx context.Context, timeout time.Duration) (State, time.Duration, error) {
	ctx, cancel := c.within(ctx, timeout)
	defer cancel()
	state, left, err := c.store.Claim(ctx, c.key, c.token, c.lease)
	if err == nil && (state < Claimed || state > Done) {
		err = fmt.Errorf("the store answered %v", state)
	}
	return state, left, err
}

// within bounds a call of the store. A Memory answers at once, so that a timer would cost more than the call: see
// BenchmarkGuard.
func (c *claim) within(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	if c.atOnce {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, timeout)
}

func (c *claim) run(ctx context.Context, fn func(context.Context) error) error {
	fnCtx, cancel := context.WithCancelCause(ctx)
	r := c.renew(fnCtx, cancel)
	returned := false
	defer func() {
		if !returned { // a panic or Goexit is on its way up
			_ = c.finish(ctx, false, r)
		}
	}()
	err := fn(fnCtx)
	returned = true
	if err != nil {
		_ = c.finish(ctx, false, r)
		return err
	}
	if err := c.finish(ctx, true, r); err != nil {
		return &StoreError{"commit", err}
	}
	return nil
}

// grace is how long after the deadline of its caller's context a claim may still be settled.
const grace = 500 * time.Millisecond

// finish ends the renewal, if there is one, and commits the claim or releases it.
func (c *claim) finish(ctx context.Context, done bool, r *renewal) error {
	timeout := c.storeTimeout
	if deadline, ok := ctx.Deadline(); ok {
		timeout = min(timeout, max(0, time.Until(deadline))+grace)
	}
	ctx, cancel := c.within(context.WithoutCancel(ctx), timeout)
	defer cancel()
	if r != nil {
		r.stop(timeout / 2)
	}
	if done {
		return c.commit(ctx)
	}
	// It is tempting to report the error, but it would hide the one that led here, and the lease ends by itself.
	_ = c.store.Release(ctx, c.key, c.token)
	return nil
}

// commit tries three times, for the work is done and to forget that is to do it twice.
func (c *claim) commit(ctx context.Context) error {
	pause := c.storeTimeout / 50
	for try := 1; ; try++ {
		err := c.store.Commit(ctx, c.key, c.token, c.remember)
		if err == nil || try == 3 || errors.Is(err, ErrLeaseLost) || sleep(ctx, pause) != nil {
			return err
		}
		pause *= 5
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
