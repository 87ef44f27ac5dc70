package storetest_test

import (
	"context"
	"slices"

	"github.com/kirimhooks/kirimhooks/sender"
)

// outcomes plants a fault into what Settle is told.
func outcomes(name, caughtBy string, change func(o *sender.Outcome)) fault {
	return plant(name, caughtBy, func(f *faulty) {
		f.settle = func(ctx context.Context, told []sender.Outcome) ([]sender.Settled, error) {
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
		outcomes("retries too early", "ARetryIsDueByTheStoresClock", func(o *sender.Outcome) { o.After /= 3 }),
		outcomes("retries too late", "ARetryIsDueByTheStoresClock", func(o *sender.Outcome) { o.After *= 2 }),
		outcomes("tests and replays counted in health", "HealthIsUntouchedByTheRest", func(o *sender.Outcome) {
			if o.Health == sender.HealthUnchanged && o.State == sender.StateDead {
				o.Health = sender.HealthDead
			}
		}),
		outcomes("success does not heal", "HealthIsZeroAfterASuccess", func(o *sender.Outcome) {
			if o.Health == sender.HealthSuccess {
				o.Health = sender.HealthUnchanged
			}
		}),
		outcomes("reasons dropped", "SettleEndsADelivery", func(o *sender.Outcome) { o.Reason = "" }),
		outcomes("unknown results counted", "AnUnknownResultKeepsTheAttemptNumber", func(o *sender.Outcome) {
			if o.Attempt != nil {
				counted := *o.Attempt
				counted.ErrorClass, o.Attempt = sender.ClassTimeout, &counted
			}
		}),
		outcomes("tenants not asked", "AForeignOutcomeChangesNothing", func(o *sender.Outcome) { o.Org = "org_rival" }),
		plant("no fence", "SettleWithAStaleTokenChangesNothing", func(f *faulty) {
			current := map[string]string{}
			f.claim = func(ctx context.Context, r sender.ClaimRequest) (sender.Claims, error) {
				c, err := f.Store.Claim(ctx, r)
				for _, c := range c.Claims {
					current[c.Delivery.ID] = c.Token
				}
				return c, err
			}
			f.settle = func(ctx context.Context, told []sender.Outcome) ([]sender.Settled, error) {
				for i := range told {
					told[i].Token = current[told[i].DeliveryID]
				}
				return f.Store.Settle(ctx, told)
			}
		}),
		plant("batches settled backwards", "HealthIsCountedInTheOrderOfTheBatch", func(f *faulty) {
			f.settle = func(ctx context.Context, told []sender.Outcome) ([]sender.Settled, error) {
				told = slices.Clone(told)
				slices.Reverse(told)
				settled, err := f.Store.Settle(ctx, told)
				slices.Reverse(settled)
				return settled, err
			}
		}),
		plant("a repeated outcome is refused", "SettleRepeatedAppliesAndWritesNothing", func(f *faulty) {
			seen := map[string]bool{}
			f.settle = func(ctx context.Context, told []sender.Outcome) ([]sender.Settled, error) {
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
			f.settle = func(ctx context.Context, told []sender.Outcome) (settled []sender.Settled, err error) {
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
			f.settle = func(ctx context.Context, told []sender.Outcome) ([]sender.Settled, error) {
				settled, err := f.Store.Settle(ctx, told)
				for i := range settled {
					settled[i].Health.FailingFor = 0
				}
				return settled, err
			}
		}),
	}
}
