package sender

import (
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/internal/limiter"
)

// conclusion is an attempt's end on its way to the settle loop. Its outcome is the part that the store gets. The rest
// is what this process needs besides: which claim it was, what the limiter learns, and what is left to do.
type conclusion struct {
	claim    *claim
	outcome  driver.Outcome
	reaction limiter.Reaction
	disable  bool      // the endpoint asked for it: 410 in Standard Webhooks
	keep     time.Time // until when it is worth writing, once the store has refused it
}

// claim is a leased delivery, with what may become of it.
type claim driver.Claim

func (c *claim) outcome(state State, reason string) driver.Outcome {
	return driver.Outcome{
		Org:          c.Delivery.Org,
		DeliveryID:   c.Delivery.ID,
		Token:        c.Token,
		EventID:      c.Delivery.EventID,
		Subscription: c.Delivery.SubscriptionID,
		Ref:          c.Ref,
		State:        state,
		Reason:       plainReason(reason),
	}
}

// release gives the delivery back, due again after a while.
func (c *claim) release(after time.Duration, reason string) conclusion {
	o := c.outcome(StatePending, reason)
	o.After = after
	return conclusion{claim: c, outcome: o}
}

// live is false for tests and replays. Those leave the subscription's health alone: they say what a person tried.
func (c *claim) live() bool { return !c.Delivery.Test && c.Delivery.ReplayedFrom == "" }

// end finishes the delivery.
func (c *claim) end(state State, reason string) conclusion {
	o := c.outcome(state, reason)
	if c.live() {
		switch state {
		case StateDelivered:
			o.Health = driver.HealthSuccess
		case StateDead:
			o.Health = driver.HealthDead
		}
	}
	return conclusion{claim: c, outcome: o}
}

// logged adds to args what names the delivery in a log.
func (c *claim) logged(args ...any) []any {
	return append([]any{
		"org", c.Delivery.Org, "subscription", c.Delivery.SubscriptionID, "delivery", deliveryPrefix + c.Delivery.ID,
	}, args...)
}

func (c conclusion) with(a *Attempt) conclusion {
	c.outcome.Attempt = a
	return c
}
