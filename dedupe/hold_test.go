package dedupe_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/dedupe"
)

// A lease is renewed until its function has ended, however much longer that takes.
func TestMemoryHoldsUntilTheEnd(t *testing.T) {
	bubble(t, func(t *testing.T, ctx context.Context) {
		m := dedupe.NewMemory(0)
		g := dedupe.Guard{Store: m, Lease: time.Second}
		var wg sync.WaitGroup
		wg.Go(func() {
			require.NoError(t, g.Do(ctx, "a", func(context.Context) error { time.Sleep(time.Hour); return nil }))
		})
		for range 50 {
			time.Sleep(time.Minute)
			require.ErrorIs(t, g.Do(ctx, "a", never(t)), dedupe.ErrRunning)
			expect(t, m, dedupe.Running, ":a", "x", time.Hour)
			require.ErrorIs(t, m.Commit(ctx, ":a", "x", time.Hour), dedupe.ErrLeaseLost)
			require.NoError(t, m.Release(ctx, ":a", "x"))
		}
		wg.Wait()
		expect(t, m, dedupe.Done, ":a", "x", time.Hour)
	})
}

func TestMemoryFullOfHolds(t *testing.T) {
	bubble(t, func(t *testing.T, ctx context.Context) {
		g := dedupe.Guard{Store: dedupe.NewMemory(2)}
		end := make(chan struct{})
		var wg sync.WaitGroup
		for _, key := range []string{"a", "b"} {
			wg.Go(func() {
				require.ErrorIs(t, g.Do(ctx, key, func(context.Context) error { <-end; return errHandler }), errHandler)
			})
		}
		synctest.Wait()
		requireStoreError(t, g.Do(ctx, "c", never(t)), "claim", dedupe.ErrFull)
		left, cancel := context.WithCancel(ctx)
		cancel()
		require.ErrorIs(t, g.Do(left, "c", never(t)), context.Canceled)
		close(end)
		wg.Wait()
		require.NoError(t, g.Do(ctx, "c", succeed))
		require.NoError(t, g.Do(ctx, "a", succeed))
		require.NoError(t, g.Do(ctx, "b", succeed), "evicts the oldest")
		require.ErrorIs(t, g.Do(ctx, "a", never(t)), dedupe.ErrDuplicate)
	})
}

// Two Guards may share a Memory, and others may use it as a Store beside them.
func TestMemoryOfTwoGuards(t *testing.T) {
	bubble(t, func(t *testing.T, ctx context.Context) {
		m := dedupe.NewMemory(0)
		a, b := dedupe.Guard{Store: m, Prefix: "p"}, dedupe.Guard{Store: m, Prefix: "p"}
		require.NoError(t, a.Do(ctx, "k", func(context.Context) error {
			require.ErrorIs(t, b.Do(ctx, "k", never(t)), dedupe.ErrRunning)
			return nil
		}))
		require.ErrorIs(t, b.Do(ctx, "k", never(t)), dedupe.ErrDuplicate)
		expect(t, m, dedupe.Done, "p:k", "x", time.Hour)
		finish(t, m, "p:l", time.Hour)
		require.ErrorIs(t, a.Do(ctx, "l", never(t)), dedupe.ErrDuplicate)
	})
}
