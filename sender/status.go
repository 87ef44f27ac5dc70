package sender

import (
	"context"
	"fmt"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Pause holds a subscription's events until Resume; attempts in flight end. What is held too long, or beyond a number,
// is trimmed, see Retention.
func (o *Org) Pause(ctx context.Context, id string) error {
	return o.setStatus(ctx, id, StatusPaused, "paused by its owner")
}

// Disable holds a subscription's events as the library does for one that keeps failing; reason is kept with it.
func (o *Org) Disable(ctx context.Context, id, reason string) error {
	if !validText(reason) {
		return invalid("reason", "must be valid UTF-8 of at most %d bytes", maxText)
	}
	return o.setStatus(ctx, id, StatusDisabled, reason)
}

// Resume makes a paused or disabled subscription active again: its health starts anew, and what was held is delivered.
// One whose contract wants a test, and that has not passed it, goes back to waiting for it.
func (o *Org) Resume(ctx context.Context, id string) error {
	_, err := o.change(ctx, id, func(c *Contract, r *driver.SubscriptionRecord) error {
		switch {
		case r.Status == StatusActive || r.Status == StatusPendingTest:
			return errUnchanged
		case c.Endpoint.PendingTest && r.ActivatedAt.IsZero():
			deactivate(r)
		default:
			r.Status, r.StatusReason = StatusActive, ""
		}
		return nil
	})
	if err == nil {
		o.s.wake() // what was held is due
	}
	return err
}

func (o *Org) setStatus(ctx context.Context, id string, status Status, reason string) error {
	_, err := o.change(ctx, id, func(_ *Contract, r *driver.SubscriptionRecord) error {
		if r.Status == status && r.StatusReason == reason {
			return errUnchanged
		}
		r.Status, r.StatusReason = status, reason
		return nil
	})
	return err
}

// Unsubscribe removes a subscription. Its unfinished deliveries are cancelled, and no attempt starts afterwards; one
// in flight ends.
func (o *Org) Unsubscribe(ctx context.Context, id string) error {
	if err := o.s.store.DeleteSubscription(ctx, o.id, id); err != nil {
		return fmt.Errorf("sender: unsubscribe %s: %w", id, bare(err))
	}
	return nil
}

// disable ends the deliveries to a subscription that keeps failing, as c has shown. Of several processes that notice at
// once, one does it and tells. What has changed since the attempt began counts as it is now.
func (s *Sender) disable(ctx context.Context, c *conclusion) {
	org, id := c.outcome.Org, c.outcome.Subscription
	var first bool
	r, err := s.Org(org).change(ctx, id, func(_ *Contract, r *driver.SubscriptionRecord) error {
		if first = r.Status == StatusActive && s.stillUnfit(ctx, c, r); !first {
			return errUnchanged
		}
		r.Status, r.StatusReason = StatusDisabled, "keeps failing: "+c.outcome.Reason
		return nil
	})
	if err != nil {
		s.cfg.Logger.WarnContext(ctx, "subscription not disabled", "org", org, "subscription", id, "error", err)
		return
	}
	if !first {
		return
	}
	s.cfg.Logger.WarnContext(ctx, "subscription disabled", "org", org, "subscription", id, "reason", r.StatusReason)
	if hook := s.cfg.Hooks.Disabled; hook != nil {
		s.guarded(ctx, "Disabled", func() { hook(ctx, shownSubscription(&r)) })
	}
}

// stillUnfit reports whether what c has shown holds for the subscription as it is now: an endpoint's own wish for the
// version that was tried, bad health for the same URL and secrets, unless it was forgiven meanwhile.
func (s *Sender) stillUnfit(ctx context.Context, c *conclusion, now *driver.SubscriptionRecord) bool {
	tried := c.claim.Subscription
	if c.disable {
		return now.Version == tried.Version
	}
	return sameEnd(now, tried) && s.unfit(ctx, now.Contract, now.Health)
}
