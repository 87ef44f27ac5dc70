package memstore

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Settle implements [driver.Queue].
func (s *Store) Settle(ctx context.Context, outcomes []driver.Outcome) ([]driver.Settled, error) {
	for i := range outcomes {
		if _, ok := stateOf(outcomes[i].State); !ok {
			return nil, fmt.Errorf("memstore: settle %s: a delivery cannot be settled as %q: %w",
				outcomes[i].DeliveryID, outcomes[i].State, driver.ErrInvalid)
		}
	}
	now, err := s.begin(ctx, "settle")
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	settled := make([]driver.Settled, len(outcomes))
	for i := range outcomes {
		settled[i] = s.settle(&outcomes[i], now)
	}
	for i := range outcomes {
		if u := s.org(outcomes[i].Org).subscriptions[outcomes[i].Subscription]; u != nil {
			settled[i].Health = s.health(u, now)
		}
	}
	return settled, nil
}

// settle applies one outcome if its token holds the delivery.
func (s *Store) settle(o *driver.Outcome, now int64) (did driver.Settled) {
	ref, ok := s.find(o.Org, o.DeliveryID)
	token, err := strconv.ParseUint(o.Token, 36, 64)
	if !ok || err != nil || token == 0 || token > s.tokens {
		return did // no token of this store
	}
	d := s.deliveries.at(ref)
	u := s.subscription(d)
	as, _ := stateOf(o.State)
	reason := o.Reason
	if u.gone && as == pending {
		as, reason = cancelled, reasonGone
	}
	if d.ending && d.token == token && as != delivered {
		as, reason, did.Cancelled = cancelled, driver.ReasonCancelled, true
	}
	if !d.leased || d.token != token {
		repeated := d.token == token && d.state == as
		if !repeated && o.Attempt != nil && !s.logged(d, token) {
			s.logAttempt(d, o.Attempt, token, now)
		}
		return driver.Settled{Applied: repeated, Cancelled: repeated && did.Cancelled}
	}
	did.Applied = true
	if o.Attempt != nil {
		s.logAttempt(d, o.Attempt, token, now)
		if o.Attempt.ErrorClass != driver.ClassUnknown {
			d.attempt = max(d.attempt, uint32(o.Attempt.N))
		}
		u.minutes.add(s.instant(now), as == delivered, o.Attempt.Duration)
		u.org.minutes.add(s.instant(now), as == delivered, o.Attempt.Duration)
	}
	u.judge(o.Health, now)
	if as != pending {
		s.finish(ref, as, reason, now)
		return did
	}
	s.timers.stop(&s.deliveries, ref)
	d.leased, d.at = false, after(now, o.After)
	s.setReason(d, reason)
	s.arrive(ref, now)
	s.rest(u)
	return did
}

// judge counts an outcome for the subscription's health.
func (u *subscription) judge(h driver.HealthEvent, now int64) {
	switch h {
	case driver.HealthSuccess:
		u.deads = 0
	case driver.HealthDead:
		if u.deads == 0 {
			u.failing = now
		}
		u.deads++
	}
}

func (s *Store) health(u *subscription, now int64) driver.Health {
	if u.deads == 0 {
		return driver.Health{}
	}
	return driver.Health{ConsecutiveDead: u.deads, FailingFor: time.Duration(now - u.failing)}
}
