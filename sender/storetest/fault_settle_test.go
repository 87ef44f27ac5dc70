package storetest_test

import (
	"context"
	"slices"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// outcomes plants a fault into what Settle is told.
func outcomes(name, caughtBy string, change func(o *driver.Outcome)) fault {
	return plant(name, caughtBy, func(f *faulty) {
		f.settle = func(ctx context.Context, told []driver.Outcome) ([]driver.Settled, error) {
			told = slices.Clone(told)
			for i := range told {
				change(&told[i])
			}
			return f.Store.Settle(ctx, told)
		}
	})
}

func settleFaults() []fault {
	return []fault{
		outcomes("retries too early", "ARetryIsDueByTheStoresClock", func(o *driver.Outcome) { o.After /= 3 }),
		outcomes("retries too late", "ARetryIsDueByTheStoresClock", func(o *driver.Outcome) { o.After *= 2 }),
		outcomes("tests and replays counted in health", "HealthIsUntouchedByTheRest", func(o *driver.Outcome) {
			if o.Health == driver.HealthUnchanged && o.State == driver.StateDead {
				o.Health = driver.HealthDead
			}
		}),
		outcomes("success does not heal", "HealthIsZeroAfterASuccess", func(o *driver.Outcome) {
			if o.Health == driver.HealthSuccess {
				o.Health = driver.HealthUnchanged
			}
		}),
		outcomes("reasons dropped", "SettleEndsADelivery", func(o *driver.Outcome) { o.Reason = "" }),
		outcomes("unknown results counted", "AnUnknownResultKeepsTheAttemptNumber", func(o *driver.Outcome) {
			if o.Attempt != nil {
				counted := *o.Attempt
				counted.ErrorClass, o.Attempt = driver.ClassTimeout, &counted
			}
		}),
		outcomes("tenants not asked", "AForeignOutcomeChangesNothing", func(o *driver.Outcome) { o.Org = "org_rival" }),
		plant("no fence", "SettleWithAStaleTokenChangesNothing", func(f *faulty) {
			current := map[string]string{}
			f.claim = func(ctx context.Context, r driver.ClaimRequest) (driver.Claims, error) {
				c, err := f.Store.Claim(ctx, r)
				for _, c := range c.Claims {
					current[c.Delivery.ID] = c.Token
				}
				return c, err
			}
			f.settle = func(ctx context.Context, told []driver.Outcome) ([]driver.Settled, error) {
				for i := range told {
					told[i].Token = current[told[i].DeliveryID]
				}
				return f.Store.Settle(ctx, told)
			}
		}),
		plant("batches settled backwards", "HealthIsCountedInTheOrderOfTheBatch", func(f *faulty) {
			f.settle = func(ctx context.Context, told []driver.Outcome) ([]driver.Settled, error) {
				told = slices.Clone(told)
				slices.Reverse(told)
				settled, err := f.Store.Settle(ctx, told)
				slices.Reverse(settled)
				return settled, err
			}
		}),
		plant("a repeated outcome is refused", "SettleRepeatedAppliesAndWritesNothing", func(f *faulty) {
			seen := map[string]bool{}
			f.settle = func(ctx context.Context, told []driver.Outcome) ([]driver.Settled, error) {
				settled, err := f.Store.Settle(ctx, told)
				for i := range settled {
					key := told[i].DeliveryID + told[i].Token
					settled[i].Applied = settled[i].Applied && !seen[key]
					seen[key] = true
				}
				return settled, err
			}
		}),
		plant("health of before the batch", "HealthIsCountedInTheOrderOfTheBatch", func(f *faulty) {
			f.settle = func(ctx context.Context, told []driver.Outcome) (settled []driver.Settled, err error) {
				for i := range told {
					one, err := f.Store.Settle(ctx, told[i:i+1])
					if err != nil {
						return nil, err
					}
					settled = append(settled, one...)
				}
				return settled, nil
			}
		}),
		plant("failing since ever now", "HealthFailsSinceTheFirstDeadOfTheRow", func(f *faulty) {
			f.settle = func(ctx context.Context, told []driver.Outcome) ([]driver.Settled, error) {
				settled, err := f.Store.Settle(ctx, told)
				for i := range settled {
					settled[i].Health.FailingFor = 0
				}
				return settled, err
			}
		}),
	}
}
