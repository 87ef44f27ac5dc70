package driver

import (
	"context"
	"time"
)

// Backlog is optional: a [Store] that can tell how far its workers are behind. Without it Sender.Health leaves that
// out.
type Backlog interface {
	// OldestDue is for how long the delivery has been due that has been so for longest, over all orgs; 0: none is. Held
	// ones and those in flight do not count. One whose lease ran out counts since then, or since it was due before.
	// The cost must not depend on how many deliveries a subscription has waiting.
	OldestDue(ctx context.Context) (time.Duration, error)
}
