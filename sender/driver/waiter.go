package driver

import "context"

// Waiter is optional: a [Store] that hears of new work, from other processes too, wakes the Sender with it. Without it
// the Sender polls.
type Waiter interface {
	// Wait returns nil when work may have become due that Claims.NextDue did not foresee, or the context's error.
	Wait(ctx context.Context) error
}
