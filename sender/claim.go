package sender

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/internal/batcher"
	"github.com/kirimhooks/kirimhooks/sender/internal/limiter"
)

const (
	maxClaim = 500 // deliveries of one claim
	// company is how long a claim waits for more slots to get free, so that one round trip brings more.
	company = 5 * time.Millisecond
)

// claimer is the claim loop. It reserves slots of the limiter, asks the store for what is due, hands that to the
// queue, and sleeps on the alarm. It alone writes caughtUp, and it has no lock.
type claimer struct {
	s     *Sender
	alarm *alarm
	queue *queue
	size  *batcher.Size

	// caughtUp: the last claim left nobody out and brought less than asked. Only then may a publisher take its own
	// deliveries past the store, since nothing that was due before them is waiting.
	caughtUp atomic.Bool
}

// run asks as long as there is more. Else it sleeps until something is known to be due, the alarm rings, or the poll
// interval is over.
func (c *claimer) run(ctx context.Context) {
	trouble := newBackOff()
	for ctx.Err() == nil {
		if wait := c.s.host.wait(time.Now()); wait > 0 {
			c.caughtUp.Store(false)
			pause(ctx, wait)
			continue
		}
		c.awaitSlots(ctx)
		c.alarm.reset()
		g := c.s.limiter.Reserve(c.size.Now())
		if g.Slots == 0 {
			c.caughtUp.Store(false)
			c.alarm.sleep(ctx, c.s.cfg.PollInterval)
			continue
		}
		wait, err := c.claim(ctx, g)
		if err != nil {
			if ctx.Err() == nil {
				c.s.storeFailed(ctx, "claim", err)
				c.caughtUp.Store(false)
				pause(ctx, trouble.NextBackOff())
			}
			continue
		}
		c.s.storeWorked(ctx, "claim")
		trouble.Reset()
		short := wait > 0 && !g.Partial
		c.caughtUp.Store(short)
		if short {
			c.alarm.sleep(ctx, wait)
		}
	}
}

// awaitSlots waits for a moment while a claim could bring a few deliveries only. A round trip costs the same for one
// as for a hundred.
func (c *claimer) awaitSlots(ctx context.Context) {
	var late <-chan time.Time
	for !c.s.limiter.HalfFree() {
		if late == nil {
			timer := time.NewTimer(company)
			defer timer.Stop()
			late = timer.C
		}
		select {
		case <-c.alarm.halfFree:
		case <-late:
			return
		case <-ctx.Done():
			return
		}
	}
}

// claim asks the store once and hands what it gets to the workers. It returns how long to wait before asking again.
//
// The end of Run does not cut it off: the store might have leased deliveries all the same. They would stand still
// until leases that nobody knows of had run out.
func (c *claimer) claim(ctx context.Context, g limiter.Grant) (wait time.Duration, err error) {
	ctx = context.WithoutCancel(ctx)
	began := time.Now()
	claims, err := c.s.store.Claim(ctx, c.s.claimRequest(&g))
	c.size.Learn(len(claims.Claims), time.Since(began), err)
	if err != nil {
		c.s.limiter.Cancel(g)
		return 0, err
	}
	var again bool
	c.queue.add(func() (run []job) {
		run, again = c.s.limiter.Start(g, newJobs(claims.Claims, began.Add(c.s.cfg.Lease)), claims.More)
		return run
	})
	c.s.setAside(ctx, claims.Unreadable)
	if again {
		return 0, nil
	}
	wait = c.s.cfg.PollInterval
	if claims.NextDue > 0 {
		wait = min(wait, claims.NextDue)
	}
	if ruled, ok := c.s.limiter.Wait(); ok {
		wait = min(wait, ruled)
	}
	return wait, nil
}

// claimRequest asks for what a grant allows.
func (s *Sender) claimRequest(g *limiter.Grant) driver.ClaimRequest {
	return driver.ClaimRequest{
		Worker: s.cfg.Worker, Lease: s.cfg.Lease,
		Limit: g.Slots, PerSubscription: g.PerLane, Quota: g.Quota,
	}
}
