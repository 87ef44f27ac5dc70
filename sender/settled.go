package sender

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// settle writes the outcomes of a batch, and tries again for as long as patience and ctx last.
func (s *Sender) settle(ctx context.Context, batch []conclusion, patience time.Duration) ([]driver.Settled, error) {
	outcomes := make([]driver.Outcome, len(batch))
	for i := range batch {
		outcomes[i] = batch[i].outcome
	}
	write := func() ([]driver.Settled, error) {
		settled, err := s.store.Settle(ctx, outcomes)
		if err != nil {
			s.storeFailed(ctx, "settle", err)
		} else {
			s.storeWorked(ctx, "settle")
		}
		return settled, err
	}
	if patience == 0 {
		return write()
	}
	again := backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(50*time.Millisecond), backoff.WithMaxInterval(2*time.Second),
		backoff.WithMaxElapsedTime(patience))
	return backoff.RetryWithData(write, backoff.WithContext(again, ctx))
}

// settled tells of an outcome that the store has written, and lets the contract judge the subscription's health.
func (s *Sender) settled(ctx context.Context, c *conclusion, as driver.Settled) {
	if c.outcome.State == StatePending && !as.Cancelled {
		return
	}
	d := shown(c.claim.Delivery)
	d.State, d.Reason, d.FinishedAt = c.outcome.State, c.outcome.Reason, time.Now()
	if as.Cancelled {
		d.State, d.Reason = StateCancelled, ReasonCancelled
	}
	if a := c.outcome.Attempt; a != nil {
		d.Attempt = a.N
	}
	switch {
	case d.State == StateDead && d.Test:
		s.cfg.Logger.InfoContext(ctx, "test failed",
			c.claim.logged("event", d.EventID, "type", d.EventType, "reason", d.Reason)...)
	case d.State == StateDead:
		s.cfg.Logger.WarnContext(ctx, "delivery dead",
			c.claim.logged("event", d.EventID, "type", d.EventType, "attempts", d.Attempt, "reason", d.Reason)...)
	}
	if hook := s.cfg.Hooks.Finished; hook != nil {
		s.guarded(ctx, "Finished", func() { hook(ctx, d) })
	}
	s.warn(ctx, c, as.Health)
	if c.disable || c.outcome.Health == driver.HealthDead && s.unfit(ctx, c.claim.Subscription.Contract, as.Health) {
		s.disable(ctx, c)
	}
}

// unfit asks a contract whether a subscription of that health is to be disabled.
func (s *Sender) unfit(ctx context.Context, name string, health Health) (unfit bool) {
	if contract := s.contract(name); contract != nil {
		s.guarded(ctx, "Contract.Disable", func() { unfit = contract.Disable(health) })
	}
	return unfit
}
