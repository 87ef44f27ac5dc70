package sqlinbox

import (
	"context"
	"fmt"
	"time"
)

const (
	// A shutdown says what it waits for after the first of these, and then after each of the second.
	waitingFirst = time.Second
	waitingEvery = 5 * time.Second
	// heedTime is how long a handler whose context has ended may take to return.
	heedTime = 5 * time.Second
)

// shutDown waits for the handlers.
func (r *runner) shutDown(cancel context.CancelCauseFunc) error {
	end := time.Now().Add(r.cfg.ShutdownTimeout)
	tell := time.Now().Add(waitingFirst)
	cut := false
	for {
		n, oldest := r.left()
		now := time.Now()
		switch {
		case n == 0:
			return nil
		case now.Before(end):
		case cut:
			return fmt.Errorf("sqlinbox: run: %d handlers did not return", n)
		default:
			cut = true
			end = now.Add(heedTime)
			cancel(ErrShutdown)
		}
		if !now.Before(tell) {
			r.cfg.Logger.Info("sqlinbox: shutdown waits", "handlers", n, "longest", now.Sub(oldest).Round(time.Second),
				"remaining", end.Sub(now).Round(time.Second), "cut_off", cut)
			tell = now.Add(waitingEvery)
		}
		timer := time.NewTimer(min(time.Until(end), time.Until(tell)))
		select {
		case <-r.ended:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// left returns how many jobs run and since when the oldest does.
func (r *runner) left() (n int, oldest time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for j := range r.running {
		if oldest.IsZero() || j.started.Before(oldest) {
			oldest = j.started
		}
	}
	return len(r.running), oldest
}
