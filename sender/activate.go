package sender

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// mostInactive is how many subscriptions Enqueued.Inactive names; there may be more.
const mostInactive = 16

// activation is a pending subscription that a live event makes active, once the transaction that publishes the event has
// committed; "" stands for all of them.
type activation struct {
	org, subscription, event string
	until                    time.Time // when to stop looking for the event
}

// activateBy makes those of the given subscriptions active that wait for a test and that ev activates. The event waits
// for them, held; a failure here is mended by the next such event, or a test.
func (o *Org) activateBy(ctx context.Context, ev *envelope.Event, inactive []string) {
	switch {
	case len(inactive) == 0 || !o.s.activatedBy(ev):
	case len(inactive) >= mostInactive:
		o.activateAll(ctx, ev)
	default:
		for _, id := range inactive {
			o.activate(ctx, id, nil)
		}
	}
}

// activateNow is what an activation waits for.
func (o *Org) activateNow(ctx context.Context, subscription string, ev *envelope.Event) {
	if subscription == "" {
		o.activateAll(ctx, ev)
		return
	}
	o.activate(ctx, subscription, nil)
}

// activateAll is activateBy for those that the store did not name.
func (o *Org) activateAll(ctx context.Context, ev *envelope.Event) {
	for r, err := range o.records(ctx, SubscriptionQuery{}) {
		if err != nil {
			o.s.cfg.Logger.WarnContext(ctx, "subscriptions not activated", "org", o.id, "error", err)
			return
		}
		contract := o.s.contract(r.Contract)
		if contract == nil || !r.ActivatedAt.IsZero() {
			continue
		}
		shares := func(topic string) bool { return slices.Contains(r.Topics, topic) }
		if slices.ContainsFunc(contract.eventTopics(ev), shares) {
			o.activate(ctx, r.ID, nil)
		}
	}
}

// activatedBy reports whether any contract takes ev for proof that an endpoint is in use.
func (s *Sender) activatedBy(ev *envelope.Event) bool {
	for i := range s.cfg.Contracts {
		if s.cfg.Contracts[i].activates(*ev) {
			return true
		}
	}
	return false
}

// activate makes a subscription active that waits for it, or lets a Resume do so if its owner has paused it. tested, if
// not nil, is what a test has shown to work: another URL or secret since then wants another test. It returns the
// subscription as it is now, false if that could not be learnt.
func (o *Org) activate(ctx context.Context, id string, tested *driver.SubscriptionRecord) (driver.SubscriptionRecord, bool) {
	var first bool
	r, err := o.change(ctx, id, func(_ *Contract, r *driver.SubscriptionRecord) error {
		first = r.Status == StatusPendingTest
		if !r.ActivatedAt.IsZero() || tested != nil && !sameEnd(r, tested) {
			first = false
			return errUnchanged
		}
		r.ActivatedAt = time.Now()
		if first {
			r.Status, r.StatusReason = StatusActive, ""
		}
		return nil
	})
	if err != nil {
		o.s.cfg.Logger.WarnContext(ctx, "subscription not activated", "org", o.id, "subscription", id, "error", err)
		return r, false
	}
	if !first {
		return r, true
	}
	o.s.wake() // what was held is due
	if hook := o.s.cfg.Hooks.Activated; hook != nil {
		o.s.guarded(ctx, "Activated", func() { hook(ctx, shownSubscription(&r)) })
	}
	return r, true
}

// sameEnd reports whether both records send to the same URL with the same secrets.
func sameEnd(r, other *driver.SubscriptionRecord) bool {
	return r.URL == other.URL && slices.EqualFunc(r.Sealed, other.Sealed, func(a, b driver.SecretRecord) bool { return a.ID == b.ID })
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

// pause waits for d; false if ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
