package sender

import (
	"context"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// mostInactive is how many subscriptions Enqueued.Inactive names; there may be more.
const mostInactive = 16

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
func (o *Org) activate(
	ctx context.Context, id string, tested *driver.SubscriptionRecord,
) (driver.SubscriptionRecord, bool) {
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
	return r.URL == other.URL && slices.EqualFunc(r.Sealed, other.Sealed,
		func(a, b driver.SecretRecord) bool { return a.ID == b.ID })
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
