package storetest_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/storetest"
)

// broken plants the same fault into every method: each answers what make changes, and nothing that the interface
// allows.
func broken(enough func(ctx context.Context)) func() *faulty {
	return func() *faulty {
		f := newFaulty()
		f.enqueue = func(
			ctx context.Context, _ []driver.Publication, _ *driver.ClaimRequest,
		) ([]driver.Enqueued, []driver.Claim, error) {
			enough(ctx)
			return nil, nil, nil
		}
		f.claim = func(ctx context.Context, _ driver.ClaimRequest) (driver.Claims, error) {
			enough(ctx)
			return driver.Claims{Claims: make([]driver.Claim, 1)}, nil
		}
		f.settle = func(ctx context.Context, _ []driver.Outcome) ([]driver.Settled, error) { enough(ctx); return nil, nil }
		f.subscriptions = func(ctx context.Context, _ driver.SubscriptionQuery) ([]driver.SubscriptionRecord, error) {
			enough(ctx)
			return nil, nil
		}
		f.deliveries = func(ctx context.Context, _ driver.DeliveryQuery) ([]driver.Delivery, error) {
			enough(ctx)
			return nil, nil
		}
		f.attempts = func(ctx context.Context, _, _ string) ([]driver.Attempt, error) { enough(ctx); return nil, nil }
		f.minutes = func(ctx context.Context, _, _ string, _ time.Duration) ([]driver.Minute, error) {
			enough(ctx)
			return nil, nil
		}
		f.wait = func(ctx context.Context) error { enough(ctx); return nil }
		f.counts = func(ctx context.Context, _ string) (driver.Counts, error) { enough(ctx); return driver.Counts{}, nil }
		return f
	}
}

// A store of which nothing works fails the cases one by one, and never the program that runs them: whether it answers
// with nothing, panics, or does not answer.
func TestNoStoreStopsTheSuite(t *testing.T) {
	for name, enough := range map[string]func(ctx context.Context){
		"answers nothing": func(context.Context) {},
		"panics":          func(context.Context) { panic("not written yet") },
		"returns never":   func(context.Context) { runtime.Goexit() },
		"hangs":           func(ctx context.Context) { <-ctx.Done() },
	} {
		t.Run(name, func(t *testing.T) {
			var passed []string
			for name, run := range storetest.Cases() {
				if len(failures(t, run, broken(enough))) == 0 {
					passed = append(passed, name)
				}
			}
			require.Less(t, len(passed), 20, "cases in which nothing is there, or that this store leaves out: %v", passed)
		})
	}
}

// One that fails for a single method, in a single way, does neither.
func TestEachShapeIsTold(t *testing.T) {
	for name, f := range map[string]fault{
		"results too few": plant("", "", func(f *faulty) {
			f.enqueue = func(
				ctx context.Context, p []driver.Publication, r *driver.ClaimRequest,
			) ([]driver.Enqueued, []driver.Claim, error) {
				results, claims, err := f.Store.Enqueue(ctx, p, r)
				return results[1:], claims, err
			}
		}),
		"settled too many": plant("", "", func(f *faulty) {
			f.settle = func(ctx context.Context, o []driver.Outcome) ([]driver.Settled, error) {
				settled, err := f.Store.Settle(ctx, o)
				return append(settled, driver.Settled{}), err
			}
		}),
		"claims without an event": answers("", "", func(c *driver.Claims) {
			for i := range c.Claims {
				c.Claims[i].Event = nil
			}
		}),
		"claims without a subscription": answers("", "", func(c *driver.Claims) {
			for i := range c.Claims {
				c.Claims[i].Subscription = nil
			}
		}),
	} {
		t.Run(name, func(t *testing.T) {
			told := 0
			for _, run := range storetest.Cases() {
				if len(failures(t, run, f.plant)) > 0 {
					told++
				}
			}
			require.Greater(t, told, 50)
		})
	}
}
