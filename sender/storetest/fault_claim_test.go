package storetest_test

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// requests plants a fault into what Claim is asked.
func requests(name, caughtBy string, change func(r *driver.ClaimRequest)) fault {
	return plant(name, caughtBy, func(f *faulty) {
		f.claim = func(ctx context.Context, r driver.ClaimRequest) (driver.Claims, error) {
			change(&r)
			return f.Store.Claim(ctx, r)
		}
	})
}

// answers plants a fault into what Claim says.
func answers(name, caughtBy string, change func(c *driver.Claims)) fault {
	return plant(name, caughtBy, func(f *faulty) {
		f.claim = func(ctx context.Context, r driver.ClaimRequest) (driver.Claims, error) {
			c, err := f.Store.Claim(ctx, r)
			change(&c)
			return c, err
		}
	})
}

func claimFaults() []fault {
	var mu sync.Mutex
	return []fault{
		requests("quota ignored", "ClaimKeepsToTheQuota", func(r *driver.ClaimRequest) { r.Quota = nil }),
		requests("per-subscription cap ignored", "ClaimKeepsToPerSubscription",
			func(r *driver.ClaimRequest) { r.PerSubscription = r.Limit }),
		requests("limit off by one", "ClaimKeepsToTheLimit", func(r *driver.ClaimRequest) { r.Limit++; r.PerSubscription++ }),
		requests("leases too short", "ALeaseHoldsUntilItRunsOut", func(r *driver.ClaimRequest) { r.Lease /= 2 }),
		requests("leases without end", "ALapsedLeaseIsTakenOver", func(r *driver.ClaimRequest) { r.Lease *= 1000 }),
		answers("lapses not counted", "ALapsedLeaseIsTakenOver", func(c *driver.Claims) {
			for i := range c.Claims {
				c.Claims[i].Lapses = 0
			}
		}),
		answers("lapses raise the attempt number", "ALapsedLeaseKeepsTheAttemptNumber", func(c *driver.Claims) {
			for i := range c.Claims {
				c.Claims[i].Delivery.Attempt += c.Claims[i].Lapses
			}
		}),
		answers("claims raise the attempt number", "AReleaseCostsNoAttempt", func(c *driver.Claims) {
			for i := range c.Claims {
				c.Claims[i].Delivery.Attempt++
			}
		}),
		answers("reasons left out", "AClaimSaysWhyItsDeliveryWaited", func(c *driver.Claims) {
			for i := range c.Claims {
				c.Claims[i].Delivery.Reason = ""
			}
		}),
		answers("nothing known of retries", "NextDueTellsOfARetry", func(c *driver.Claims) { c.NextDue = 0 }),
		answers("busy loop on quota", "NextDueLeavesOutWhatQuotaHoldsBack", func(c *driver.Claims) { c.NextDue = 1 }),
		plant("a call in two finds nothing", "ManyServedSubscriptionsHideNobody", func(f *faulty) {
			n := 0
			f.claim = func(ctx context.Context, r driver.ClaimRequest) (driver.Claims, error) {
				mu.Lock()
				defer mu.Unlock()
				if n++; n%2 == 0 {
					return driver.Claims{}, nil
				}
				return f.Store.Claim(ctx, r)
			}
		}),
		plant("the last of its events uses the quota of a test up", "TestsAndEventsOfOneSubscriptionHideNeither",
			func(f *faulty) {
				hidden := map[string]bool{}
				f.claim = func(ctx context.Context, r driver.ClaimRequest) (driver.Claims, error) {
					c, err := f.Store.Claim(ctx, r)
					mu.Lock()
					defer mu.Unlock()
					c.Claims = slices.DeleteFunc(c.Claims, func(c driver.Claim) bool {
						id := c.Delivery.SubscriptionID
						hides := c.Delivery.Test && r.PerSubscription == 1 && !hidden[id]
						hidden[id] = hidden[id] || hides
						return hides
					})
					return c, err
				}
			}),
		plant("one delivery given twice", "ClaimNeverGivesOneDeliveryTwice", func(f *faulty) {
			var given []driver.Claim
			f.claim = func(ctx context.Context, r driver.ClaimRequest) (driver.Claims, error) {
				c, err := f.Store.Claim(ctx, r)
				mu.Lock()
				defer mu.Unlock()
				given = append(given, c.Claims...)
				if len(given)%7 == 0 && len(c.Claims) > 1 {
					c.Claims[0] = given[0]
				}
				return c, err
			}
		}),
		plant("the first ones hide the rest", "ABlockedBacklogHidesNobody", func(f *faulty) {
			f.claim = func(ctx context.Context, r driver.ClaimRequest) (driver.Claims, error) {
				for _, quota := range r.Quota {
					if quota == 0 {
						return driver.Claims{}, nil
					}
				}
				return f.Store.Claim(ctx, r)
			}
		}),
		plant("one token for ever", "ClaimNeverUsesATokenAgain", func(f *faulty) {
			f.claim = func(ctx context.Context, r driver.ClaimRequest) (driver.Claims, error) {
				c, err := f.Store.Claim(ctx, r)
				for i := range c.Claims {
					c.Claims[i].Token = "token"
				}
				return c, err
			}
			f.settle = func(ctx context.Context, outcomes []driver.Outcome) ([]driver.Settled, error) {
				return make([]driver.Settled, len(outcomes)), nil
			}
		}),
		plant("wake-ups forgotten", "WaitRemembersWhatCameBefore", func(f *faulty) {
			f.wait = func(ctx context.Context) error {
				now, cancel := context.WithTimeout(ctx, time.Nanosecond)
				defer cancel()
				_ = f.Store.Wait(now)
				return f.Store.Wait(ctx)
			}
		}),
		plant("never woken", "WaitReturnsWhenWorkArrives", func(f *faulty) {
			f.wait = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		}),
		plant("held counted as due", "CountsTellWhatDeliveriesWaitFor", func(f *faulty) {
			f.counts = func(ctx context.Context, org string) (driver.Counts, error) {
				c, err := f.Store.Counts(ctx, org)
				c.Due, c.Held = c.Due+c.Held, 0
				return c, err
			}
		}),
	}
}
