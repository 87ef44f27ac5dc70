package sender

import (
	"context"
	"time"
)

// A shutdown says what it waits for after the first of these, and then after each of the second.
const (
	waitingFirst = time.Second
	waitingEvery = 5 * time.Second
)

// tellWaiting says what a shutdown waits for, every few seconds, until over ends. Attempts have until a moment to finish.
func (r *runner) tellWaiting(over context.Context, until time.Time) {
	for wait := waitingFirst; pause(over, wait); wait = waitingEvery {
		attempts, outcomes := r.s.gate.inFlight()
		r.s.cfg.Logger.InfoContext(over, "shutdown waits", "attempts", attempts, "outcomes", outcomes,
			"remaining", max(0, time.Until(until)).Round(time.Second))
	}
}

// inFlight counts the attempts that are being made and the outcomes that are not written.
func (g *gate) inFlight() (attempts, outcomes int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.workers - g.free, g.unwritten
}
