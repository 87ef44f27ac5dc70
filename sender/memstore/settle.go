package memstore

import (
	"context"
	"strconv"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Settle implements [driver.Queue].
func (s *Store) Settle(ctx context.Context, outcomes []driver.Outcome) ([]driver.Settled, error) {
	now, err := s.begin(ctx, "settle")
	if err != nil {
		return nil, err
	}
	defer s.end()
	settled := make([]driver.Settled, len(outcomes))
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

// settle applies one outcome if its token holds the delivery.
func (s *Store) settle(o *driver.Outcome, now time.Time) (did driver.Settled) {
	d := s.find(o.Org, o.DeliveryID)
	token, err := strconv.ParseUint(o.Token, 36, 64)
	if d == nil || err != nil || token == 0 || token > s.lastToken {
		return did // no token of this store
	}
	u, state, reason := d.subscription, o.State, o.Reason
	switch {
	case d.cancelling && d.token == token && state != driver.StateDelivered:
		state, reason, did.Cancelled = driver.StateCancelled, driver.ReasonCancelled, true
	case u.isGone() && state == driver.StatePending:
		state, reason = driver.StateCancelled, driver.ReasonUnsubscribed
	}
	if !d.leased || d.token != token {
		repeated := d.token == token && d.state == state
		if !repeated && o.Attempt != nil && !d.logged(token) {
			d.log(*o.Attempt, token, now)
		}
		return driver.Settled{Applied: repeated, Cancelled: repeated && did.Cancelled}
	}
	did.Applied = true
	if a := o.Attempt; a != nil {
		d.log(*a, token, now)
		if a.ErrorClass != driver.ClassUnknown {
			d.attempt = max(d.attempt, a.N)
		}
		u.minutes.add(now, state == driver.StateDelivered, a.Duration)
		u.org.minutes.add(now, state == driver.StateDelivered, a.Duration)
	}
	u.judge(o.Health, now)
	if state != driver.StatePending {
		s.finish(d, state, reason, now)
	} else {
		d.reason = legible(reason)
		s.wait(d, now.Add(max(0, o.After)), now)
	}
	return did
}

// judge counts an outcome for the subscription's health.
func (u *subscription) judge(h driver.HealthEvent, now time.Time) {
	switch h {
	case driver.HealthSuccess:
		u.consecutiveDead = 0
	case driver.HealthDead:
		if u.consecutiveDead == 0 {
			u.failingSince = now
		}
		u.consecutiveDead++
	}
}

func (u *subscription) health(now time.Time) driver.Health {
	if u.consecutiveDead == 0 {
		return driver.Health{}
	}
	return driver.Health{ConsecutiveDead: u.consecutiveDead, FailingFor: now.Sub(u.failingSince)}
}
