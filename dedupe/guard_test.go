package dedupe_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/dedupe"
)

var errHandler = errors.New("handler failed")

func succeed(context.Context) error { return nil }

func never(t *testing.T) func(context.Context) error {
	return func(context.Context) error { t.Error("ran"); return nil }
}

// bubble runs f with a clock of its own. Synctest also fails the test if a goroutine stays behind.
func bubble(t *testing.T, f func(t *testing.T, ctx context.Context)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(t, t.Context()) })
}

// guards runs f with a Guard over a Memory of its own and with one over a store of other people's.
func guards(t *testing.T, f func(t *testing.T, ctx context.Context, g *dedupe.Guard)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) {
		bubble(t, func(t *testing.T, ctx context.Context) { f(t, ctx, new(dedupe.Guard)) })
	})
	t.Run("store", func(t *testing.T) {
		bubble(t, func(t *testing.T, ctx context.Context) { f(t, ctx, &dedupe.Guard{Store: newScripted()}) })
	})
}

func TestGuardRunsOnce(t *testing.T) {
	guards(t, func(t *testing.T, ctx context.Context, g *dedupe.Guard) {
		ran := 0
		count := func(context.Context) error { ran++; return nil }
		require.NoError(t, g.Do(ctx, "a", count))
		require.ErrorIs(t, g.Do(ctx, "a", count), dedupe.ErrDuplicate)
		require.NoError(t, g.Do(ctx, "b", count))
		require.Equal(t, 2, ran)
		time.Sleep(48*time.Hour - 1)
		require.ErrorIs(t, g.Do(ctx, "a", count), dedupe.ErrDuplicate)
		time.Sleep(time.Nanosecond)
		require.NoError(t, g.Do(ctx, "a", count))
	})
}

func TestGuardFreesAfterFailure(t *testing.T) {
	guards(t, func(t *testing.T, ctx context.Context, g *dedupe.Guard) {
		failures := map[string]func(){
			"error": func() {
				err := g.Do(ctx, "a", func(context.Context) error { return errHandler })
				require.True(t, err == errHandler, "as it is")
			},
			"panic": func() {
				require.PanicsWithValue(t, "boom", func() { _ = g.Do(ctx, "a", func(context.Context) error { panic("boom") }) })
			},
			"panic(nil)": func() {
				require.Panics(t, func() { _ = g.Do(ctx, "a", func(context.Context) error { panic(nil) }) })
			},
			"Goexit": func() {
				var wg sync.WaitGroup
				wg.Go(func() {
					_ = g.Do(ctx, "a", func(context.Context) error { runtime.Goexit(); return nil })
					t.Error("Goexit stopped on its way")
				})
				wg.Wait()
			},
			"a context that ends": func() {
				ctx, cancel := context.WithCancel(ctx)
				require.ErrorIs(t, g.Do(ctx, "a", func(ctx context.Context) error { cancel(); <-ctx.Done(); return ctx.Err() }),
					context.Canceled)
			},
		}
		for name, fail := range failures {
			fail()
			start := time.Now()
			ran := false
			_ = g.Do(ctx, "a", func(context.Context) error { ran = true; return errHandler })
			require.True(t, ran, "after %s", name)
			require.Zero(t, time.Since(start), "after %s", name)
		}
	})
}

func TestGuardCommitsThoughTheCallerLeft(t *testing.T) {
	guards(t, func(t *testing.T, ctx context.Context, g *dedupe.Guard) {
		left, cancel := context.WithCancel(ctx)
		require.NoError(t, g.Do(left, "a", func(context.Context) error { cancel(); return nil }))
		require.ErrorIs(t, g.Do(ctx, "a", never(t)), dedupe.ErrDuplicate)
	})
}

func TestGuardDuplicateWaits(t *testing.T) {
	cases := []struct {
		name  string
		takes time.Duration
		err   error // of the first
		want  error // of the duplicate
		ran   bool
		by    time.Duration
	}{
		{"first succeeds at once", time.Millisecond, nil, dedupe.ErrDuplicate, false, 10 * time.Millisecond},
		{"first succeeds in time", 1900 * time.Millisecond, nil, dedupe.ErrDuplicate, false, 2 * time.Second},
		{"first fails in time", time.Second, errHandler, nil, true, 1250 * time.Millisecond},
		{"first takes longer", time.Minute, nil, dedupe.ErrRunning, false, 2 * time.Second},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			guards(t, func(t *testing.T, ctx context.Context, g *dedupe.Guard) {
				var wg sync.WaitGroup
				wg.Go(func() {
					require.ErrorIs(t, g.Do(ctx, "a", func(context.Context) error { time.Sleep(c.takes); return c.err }), c.err)
				})
				synctest.Wait()
				start, ran := time.Now(), false
				err := g.Do(ctx, "a", func(context.Context) error { ran = true; return nil })
				require.ErrorIs(t, err, c.want)
				require.Equal(t, c.ran, ran)
				require.LessOrEqual(t, time.Since(start), c.by)
				wg.Wait()
			})
		})
	}
}

func TestGuardDuplicateWakesWhenTheLeaseEnds(t *testing.T) {
	bubble(t, func(t *testing.T, ctx context.Context) {
		m := dedupe.NewMemory(0)
		g := dedupe.Guard{Store: m, Wait: time.Minute}
		_, _, err := m.Claim(ctx, ":a", "of a process that died", 3100*time.Millisecond)
		require.NoError(t, err)
		start := time.Now()
		require.NoError(t, g.Do(ctx, "a", succeed))
		require.Equal(t, 3100*time.Millisecond, time.Since(start))
	})
}

func TestGuardWaitEndsWithTheCaller(t *testing.T) {
	bubble(t, func(t *testing.T, ctx context.Context) {
		m := dedupe.NewMemory(0)
		g := dedupe.Guard{Store: m}
		_, _, err := m.Claim(ctx, ":a", "another", time.Hour)
		require.NoError(t, err)
		left, cancel := context.WithTimeoutCause(ctx, 700*time.Millisecond, errHandler)
		defer cancel()
		start := time.Now()
		require.ErrorIs(t, g.Do(left, "a", never(t)), errHandler)
		require.Equal(t, 700*time.Millisecond, time.Since(start))
		require.ErrorIs(t, g.Do(left, "b", never(t)), errHandler)
		expect(t, m, dedupe.Claimed, ":b", "x", 1)
	})
}

// Sixty-four at once, each attempt taking its time and every third failing: one at a time, and one success for good.
func TestGuardUnderContention(t *testing.T) {
	guards(t, func(t *testing.T, ctx context.Context, g *dedupe.Guard) {
		g.Wait = time.Hour
		var running, runs, successes, duplicates atomic.Int64
		var wg sync.WaitGroup
		for range 64 {
			wg.Go(func() {
				err := g.Do(ctx, "a", func(context.Context) error {
					if running.Add(1) != 1 {
						t.Error("two at once")
					}
					defer running.Add(-1)
					time.Sleep(10 * time.Millisecond)
					if runs.Add(1) < 3 {
						return errHandler
					}
					return nil
				})
				switch {
				case err == nil:
					successes.Add(1)
				case errors.Is(err, dedupe.ErrDuplicate):
					duplicates.Add(1)
				default:
					require.ErrorIs(t, err, errHandler)
				}
			})
		}
		wg.Wait()
		require.EqualValues(t, 3, runs.Load())
		require.EqualValues(t, 1, successes.Load())
		require.EqualValues(t, 61, duplicates.Load())
	})
}

func TestGuardKeysDoNotCollide(t *testing.T) {
	long := strings.Repeat("k", 256)
	ctx := context.Background()
	sum := sha256.Sum256([]byte(long))
	pairs := [][2]string{
		{"", hex.EncodeToString(sum[:])}, {"b", hex.EncodeToString(sum[:])},
		{"", "a"}, {"", "b:a"}, {"b", "a"}, {"b", "b:a"}, {"", "#"}, {"", ":"}, {"", ":b:a"}, {"b", ":a"}, {"b ", "a"},
		{"", long}, {"b", long}, {"", long + "k"}, {"", "é"}, {"", "e\u0301"}, {"", "\x00"}, {"", "\xff"}, {"", "a\n"},
		{"", strings.Repeat("k", 1<<20)}, {strings.Repeat("p", 75), strings.Repeat("k", 255)},
	}
	store := newScripted()
	store.onClaim(func(ctx context.Context, key, token string, lease time.Duration) (dedupe.State, time.Duration, error) {
		require.Regexp(t, `^[ -~]{2,331}$`, key)
		require.Regexp(t, `^[A-Z2-7]{26}$`, token)
		return store.next.Claim(ctx, key, token, lease)
	})
	for _, p := range pairs {
		require.NoError(t, (&dedupe.Guard{Store: store, Prefix: p[0]}).Do(ctx, p[1], succeed), "%q", p)
	}
	for _, p := range pairs {
		require.ErrorIs(t, (&dedupe.Guard{Store: store, Prefix: p[0]}).Do(ctx, p[1], never(t)), dedupe.ErrDuplicate, "%q", p)
	}
}

func TestGuardValidates(t *testing.T) {
	ctx := context.Background()
	g := dedupe.Guard{Lease: -1, TTL: -1, Wait: -1, StoreTimeout: -1, Prefix: "a:b"}
	err := g.Do(ctx, "a", never(t))
	for _, field := range []string{"Lease", "TTL", "Wait", "StoreTimeout", "Prefix"} {
		require.ErrorContains(t, err, "Guard."+field)
	}
	for _, prefix := range []string{"#", "é", "\n", strings.Repeat("p", 76)} {
		require.ErrorContains(t, (&dedupe.Guard{Prefix: prefix}).Do(ctx, "a", never(t)), "Guard.Prefix", "%q", prefix)
	}
	require.ErrorContains(t, new(dedupe.Guard).Do(ctx, "", never(t)), "empty key")
}

// How long a key is remembered: what the guard says, else what the caller says, else two days.
func TestGuardRemembers(t *testing.T) {
	const hour = time.Hour
	do := func(g *dedupe.Guard, ctx context.Context) error { return g.Do(ctx, "a", succeed) }
	forWeek := func(g *dedupe.Guard, ctx context.Context) error { return g.DoFor(ctx, "a", 7*24*hour, succeed) }
	for name, test := range map[string]struct {
		ttl  time.Duration
		do   func(*dedupe.Guard, context.Context) error
		want time.Duration
	}{
		"by itself":           {0, do, 48 * hour},
		"as the caller says":  {0, forWeek, 7 * 24 * hour},
		"as the guard says":   {hour, do, hour},
		"the guard outweighs": {hour, forWeek, hour},
	} {
		for store, make := range map[string]func() dedupe.Store{
			"memory": func() dedupe.Store { return dedupe.NewMemory(0) },
			"store":  func() dedupe.Store { return newScripted() },
		} {
			t.Run(name+" over a "+store, func(t *testing.T) {
				bubble(t, func(t *testing.T, ctx context.Context) {
					g := &dedupe.Guard{Store: make(), TTL: test.ttl}
					require.NoError(t, test.do(g, ctx))
					time.Sleep(test.want - 1)
					require.ErrorIs(t, test.do(g, ctx), dedupe.ErrDuplicate)
					time.Sleep(time.Nanosecond)
					require.NoError(t, test.do(g, ctx))
				})
			})
		}
	}
	require.ErrorContains(t, new(dedupe.Guard).DoFor(t.Context(), "a", 0, never(t)), "ttl: 0s is not positive")
	require.ErrorContains(t, new(dedupe.Guard).DoFor(t.Context(), "a", -1, never(t)), "ttl: -1ns is not positive")
}
