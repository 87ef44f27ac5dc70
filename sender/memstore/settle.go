package memstore

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

// Settle implements [sender.Queue].
func (s *Store) Settle(ctx context.Context, outcomes []sender.Outcome) ([]sender.Settled, error) {
	for i := range outcomes {
		if err := checkOutcome(&outcomes[i]); err != nil {
			return nil, err
		}
	}
	now, err := s.begin(ctx, "settle")
	if err != nil {
		return nil, err
	}
	defer s.end()
	settled := make([]sender.Settled, len(outcomes))
	for i := range outcomes {
		settled[i] = s.settle(&outcomes[i], now)
	}
	for i := range outcomes { // not before all are counted
		if u := s.org(outcomes[i].Org).subscriptions[outcomes[i].Subscription]; u != nil {
			settled[i].Health = u.health(now)
		}
	}
	return settled, nil
}

func checkOutcome(o *sender.Outcome) error {
	switch o.State {
	case sender.StatePending, sender.StateDelivered, sender.StateDead, sender.StateCancelled:
		return nil
	}
	return fmt.Errorf("memstore: settle %s: a delivery cannot be settled as %q: %w", o.DeliveryID, o.State, sender.ErrInvalid)
}

// settle applies one outcome if its token holds the delivery.
func (s *Store) settle(o *sender.Outcome, now time.Time) (did sender.Settled) {
	d := s.find(o.Org, o.DeliveryID)
	token, err := strconv.ParseUint(o.Token, 36, 64)
	if d == nil || err != nil || token == 0 || token > s.lastToken {
		return did // no token of this store
	}
	state, reason := o.State, o.Reason
	switch {
	case d.cancelling && d.token == token && state != sender.StateDelivered:
		state, reason, did.Cancelled = sender.StateCancelled, sender.ReasonCancelled, true
	case d.subscription.gone && state == sender.StatePending:
		state, reason = sender.StateCancelled, reasonGone
	}
	if !d.leased || d.token != token {
		repeated := d.token == token && d.state == state
		if !repeated && o.Attempt != nil && !d.logged(token) {
			d.log(*o.Attempt, token, now)
		}
		return sender.Settled{Applied: repeated, Cancelled: repeated && did.Cancelled}
	}
	did.Applied = true
	if o.Attempt != nil {
		d.log(*o.Attempt, token, now)
		if o.Attempt.ErrorClass != sender.ClassUnknown {
			d.attempt = max(d.attempt, o.Attempt.N)
		}
		delivered := state == sender.StateDelivered
		d.subscription.minutes.add(now, delivered, o.Attempt.Duration)
		d.subscription.org.minutes.add(now, delivered, o.Attempt.Duration)
	}
	d.subscription.judge(o.Health, now)
	if state != sender.StatePending {
		s.finish(d, state, reason, now)
		return did
	}
	d.leased, d.reason = false, legible(reason)
	s.wait(d, now.Add(max(0, o.After)), now)
	return did
}
