package dedupe

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"
)

// claim is one Do: one key, one token.
type claim struct {
	*settings
	key, token string
	held       time.Time // the lease lasts from here at least
	hold       hold      // in place of these three, if the store is a Memory
}

func (g *Guard) claim(key string) claim {
	var short [maxStoreKey]byte
	storeKey := appendStoreKey(short[:0], g.Prefix, key)
	c := claim{settings: &g.resolved}
	if m := c.memory; m != nil {
		c.hold = hold{Memory: m, key: m.hashOf(storeKey)}
	} else {
		c.key, c.token = string(storeKey), rand.Text()
	}
	return c
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
		state, left, err := c.look(ctx)
		if err != nil {
			if ctx.Err() != nil {
				// The claim may have been stored before the caller gave up.
				c.release(ctx)
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

func (c *claim) look(ctx context.Context) (State, time.Duration, error) {
	if c.memory != nil {
		return c.hold.take()
	}
	c.held = time.Now()
	return c.ask(ctx, c.storeTimeout)
}

func (c *claim) ask(ctx context.Context, timeout time.Duration) (State, time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	state, left, err := c.store.Claim(ctx, c.key, c.token, c.lease)
	if err == nil && (state < Claimed || state > Done) {
		err = fmt.Errorf("the store answered %v", state)
	}
	return state, left, err
}

func (c *claim) run(ctx context.Context, fn func(context.Context) error) error {
	fnCtx, end := c.keep(ctx)
	returned := false
	defer func() {
		if !returned { // a panic or Goexit is on its way up
			end()
			c.release(ctx)
		}
	}()
	err := fn(fnCtx)
	returned = true
	end()
	if err != nil {
		c.release(ctx)
		return err
	}
	if err := c.commit(ctx); err != nil {
		return &StoreError{"commit", err}
	}
	return nil
}

// keep renews the lease until end is called, and returns the context of the function.
func (c *claim) keep(ctx context.Context) (fnCtx context.Context, end func()) {
	if c.memory != nil {
		return ctx, func() {}
	}
	fnCtx, cancel := context.WithCancelCause(ctx)
	r := c.renew(fnCtx, cancel)
	return fnCtx, func() { r.stop(); cancel(nil) }
}

// commit tries three times, for the work is done and to forget that is to do it twice.
func (c *claim) commit(ctx context.Context) error {
	if c.memory != nil {
		c.hold.commit(c.ttl)
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.storeTimeout)
	defer cancel()
	pause := c.storeTimeout / 50
	for try := 1; ; try++ {
		err := c.store.Commit(ctx, c.key, c.token, c.ttl)
		if err == nil || try == 3 || errors.Is(err, ErrLeaseLost) || sleep(ctx, pause) != nil {
			return err
		}
		pause *= 5
	}
}

func (c *claim) release(ctx context.Context) {
	if c.memory != nil {
		c.hold.release()
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.storeTimeout)
	defer cancel()
	// It is tempting to report the error, but it would hide the one that led here, and the lease ends by itself.
	_ = c.store.Release(ctx, c.key, c.token)
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
