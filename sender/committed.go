package sender

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
)

// activation is a pending subscription that a live event makes active, once the transaction that publishes the event
// has committed; "" stands for all of them.
type activation struct {
	org, subscription, event string
	until                    time.Time // when to stop looking for the event
}

// activateNow is what an activation waits for.
func (o *Org) activateNow(ctx context.Context, subscription string, ev *envelope.Event) {
	if subscription == "" {
		o.activateAll(ctx, ev)
		return
	}
	o.activate(ctx, subscription, nil)
}

// activateLater remembers subscriptions for Run, since only the store knows whether the transaction commits. When too
// many wait, the rest is left to the next event.
func (s *Sender) activateLater(org string, ev *envelope.Event, inactive []string) {
	const patience = time.Minute // for a transaction
	if len(inactive) == 0 || !s.activatedBy(ev) {
		return
	}
	if len(inactive) >= mostInactive {
		inactive = []string{""}
	}
	for _, id := range inactive {
		select {
		case s.later <- activation{org, id, ev.ID, time.Now().Add(patience)}:
		default:
		}
	}
}

// activateCommitted looks for the events of transactions, for as long as one may reasonably be open.
func (s *Sender) activateCommitted(ctx context.Context) {
	const interval = time.Second
	var open []activation
	for {
		if len(open) == 0 {
			select {
			case <-ctx.Done():
				return
			case a := <-s.later:
				open = append(open, a)
			}
		}
		for len(open) < cap(s.later) && len(s.later) > 0 {
			open = append(open, <-s.later)
		}
		open = slices.DeleteFunc(open, func(a activation) bool {
			stored, err := s.store.Event(ctx, a.org, a.event)
			switch {
			case err == nil:
				s.storeWorked(ctx, "event")
				s.guarded(ctx, "Contract.Activates", func() { s.Org(a.org).activateNow(ctx, a.subscription, &stored.Event) })
				return true
			case !errors.Is(err, ErrNotFound) && ctx.Err() == nil:
				s.storeFailed(ctx, "event", err)
			}
			return time.Now().After(a.until)
		})
		if !pause(ctx, interval) {
			return
		}
	}
}
