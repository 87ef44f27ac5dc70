package sender

import (
	"context"
	"time"
)

// poke makes the claim loop ask at once.
func (r *runner) poke() { signal(r.wake) }

// soonest makes the claim loop ask in d at the latest.
func (r *runner) soonest(d time.Duration) {
	if r.bringForward(d) {
		signal(r.rearm)
	}
}

func (r *runner) bringForward(d time.Duration) bool {
	at := time.Now().Add(d)
	r.mu.Lock()
	defer r.mu.Unlock()
	sooner := r.next.IsZero() || at.Before(r.next)
	if sooner {
		r.next = at
	}
	return sooner
}

// signal leaves a mark on a channel of capacity 1.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// forget drops what soonest has said before a claim that finds all that is due. What it says from here on counts, lest
// it is missed between the claim and the sleep.
func (r *runner) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next = time.Time{}
}

// sleep waits for a wake-up, at most d, or less if soonest says so.
func (r *runner) sleep(ctx context.Context, d time.Duration) {
	r.bringForward(d)
	for {
		r.mu.Lock()
		left := time.Until(r.next)
		r.mu.Unlock()
		if left <= 0 {
			return
		}
		timer := time.NewTimer(left)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-r.wake:
			timer.Stop()
			return
		case <-r.rearm:
			timer.Stop()
		case <-timer.C:
		}
	}
}
