package sender

import (
	"context"
	"fmt"
	"time"
)

// Condition is how this process does, as [Sender.Health] finds it. (A [Health] is a subscription's.)
type Condition struct {
	Latency   time.Duration // of the store's answer
	OldestDue time.Duration // how long the delivery of any org has been due that has been for longest; 0: none is
	Running   bool          // Run has been called, and has not returned yet
	Stopping  bool          // Run's context has ended: no more is claimed, here; it stays so when Run has returned
}

// Health asks the store and looks at Run. An error means that the store did not answer in time, within ctx and
// Config.StoreTimeout; Running and Stopping are set all the same. A store that is no driver.Backlog leaves OldestDue
// at 0. One hanging endpoint can make OldestDue grow, so that it is for alerts, not a reason to restart a process.
func (s *Sender) Health(ctx context.Context) (Condition, error) {
	began := time.Now()
	oldest, err := s.store.OldestDue(ctx)
	c := s.condition()
	c.Latency, c.OldestDue = time.Since(began), oldest
	if err != nil {
		return c, fmt.Errorf("sender: health: %w", bare(err))
	}
	return c, nil
}

// condition is what can be told without the store.
func (s *Sender) condition() Condition {
	if r := s.runner.Load(); r != nil {
		return Condition{Running: true, Stopping: r.ended() != nil}
	}
	return Condition{Stopping: s.ran.Load()}
}

// run says where Run stands, in a word.
func (c Condition) run() string {
	switch {
	case c.Running && c.Stopping:
		return "stopping"
	case c.Running:
		return "running"
	case c.Stopping:
		return "stopped"
	default:
		return "not started"
	}
}
