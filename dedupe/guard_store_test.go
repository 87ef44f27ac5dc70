package dedupe_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/dedupe"
)

var errStore = errors.New("store is away")

func hang(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }

func requireStoreError(t *testing.T, err error, op string, cause error) {
	t.Helper()
	var se *dedupe.StoreError
	require.ErrorAs(t, err, &se)
	require.Equal(t, op, se.Op)
	require.ErrorIs(t, err, cause)
}

func TestClaimFails(t *testing.T) {
	bubble(t, func(t *testing.T, ctx context.Context) {
		store := newScripted()
		g := dedupe.Guard{Store: store}
		store.onClaim(func(context.Context, string, string, time.Duration) (dedupe.State, time.Duration, error) {
			return 0, 0, errStore
		})
		requireStoreError(t, g.Do(ctx, "a", never(t)), "claim", errStore)
		store.onClaim(func(context.Context, string, string, time.Duration) (dedupe.State, time.Duration, error) {
			return 7, 0, nil
		})
		err := g.Do(ctx, "a", never(t))
		require.ErrorContains(t, err, "dedupe: claim: the store answered State(7)")

		store.onClaim(func(ctx context.Context, _, _ string, _ time.Duration) (dedupe.State, time.Duration, error) {
			return 0, 0, hang(ctx)
		})
		start := time.Now()
		requireStoreError(t, g.Do(ctx, "a", never(t)), "claim", context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(start))
	})
}

// A caller who leaves during the claim is no failure of the store, and what may have been claimed is freed.
func TestCallerLeavesDuringClaim(t *testing.T) {
	bubble(t, func(t *testing.T, ctx context.Context) {
		store := newScripted()
		g := dedupe.Guard{Store: store}
		store.onClaim(func(ctx context.Context, key, token string, lease time.Duration) (dedupe.State, time.Duration, error) {
			_, _, _ = store.next.Claim(ctx, key, token, lease)
			return 0, 0, hang(ctx)
		})
		left, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		defer cancel()
		err := g.Do(left, "a", never(t))
		require.True(t, err == context.DeadlineExceeded)
		store.onClaim(store.next.Claim)
		require.NoError(t, g.Do(ctx, "a", succeed))
	})
}

func TestCommitIsTriedAgain(t *testing.T) {
	bubble(t, func(t *testing.T, ctx context.Context) {
		store := newScripted()
		g := dedupe.Guard{Store: store}
		store.onCommit(func(ctx context.Context, key, token string, ttl time.Duration) error {
			require.NoError(t, store.next.Commit(ctx, key, token, ttl)) // done, and the answer is lost
			if store.commits.Load() < 3 {
				return errStore
			}
			return nil
		})
		require.NoError(t, g.Do(ctx, "a", succeed))
		require.EqualValues(t, 3, store.commits.Load())
		require.ErrorIs(t, g.Do(ctx, "a", never(t)), dedupe.ErrDuplicate)
	})
}

func TestCommitFails(t *testing.T) {
	bubble(t, func(t *testing.T, ctx context.Context) {
		store := newScripted()
		g := dedupe.Guard{Store: store}
		store.onCommit(func(context.Context, string, string, time.Duration) error { return errStore })
		requireStoreError(t, g.Do(ctx, "a", succeed), "commit", errStore)
		require.EqualValues(t, 3, store.commits.Load())
		require.Zero(t, store.releases.Load(), "what is done is not freed")

		store.onCommit(func(ctx context.Context, _, _ string, _ time.Duration) error { return hang(ctx) })
		start := time.Now()
		requireStoreError(t, g.Do(ctx, "b", succeed), "commit", context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(start))
	})
}

func TestReleaseFails(t *testing.T) {
	bubble(t, func(t *testing.T, ctx context.Context) {
		store := newScripted()
		g := dedupe.Guard{Store: store}
		store.onRelease(func(ctx context.Context, _, _ string) error { return hang(ctx) })
		start := time.Now()
		err := g.Do(ctx, "a", func(context.Context) error { return errHandler })
		require.True(t, err == errHandler)
		require.Equal(t, time.Second, time.Since(start))
		require.ErrorIs(t, g.Do(ctx, "a", never(t)), dedupe.ErrRunning)
		time.Sleep(30 * time.Second)
		require.NoError(t, g.Do(ctx, "a", succeed))
	})
}

func TestLeaseIsRenewed(t *testing.T) {
	bubble(t, func(t *testing.T, ctx context.Context) {
		store := newScripted()
		g := dedupe.Guard{Store: store}
		left, cancel := context.WithTimeout(ctx, 9*time.Second) // the function goes on all the same
		defer cancel()
		require.NoError(t, g.Do(left, "a", func(fnCtx context.Context) error {
			time.Sleep(time.Hour)
			require.ErrorIs(t, context.Cause(fnCtx), context.DeadlineExceeded)
			require.ErrorIs(t, g.Do(ctx, "a", never(t)), dedupe.ErrRunning)
			return nil
		}))
		require.ErrorIs(t, g.Do(ctx, "a", never(t)), dedupe.ErrDuplicate)
		require.InDelta(t, 360+15, store.claims.Load(), 15, "one claim, one renewal per 10 s, and a waiting duplicate")
	})
}

func TestLeaseSurvivesAShortOutage(t *testing.T) {
	bubble(t, func(t *testing.T, ctx context.Context) {
		store := newScripted()
		g := dedupe.Guard{Store: store}
		require.NoError(t, g.Do(ctx, "a", func(fnCtx context.Context) error {
			for range 3 {
				time.Sleep(time.Hour + time.Second)
				store.onClaim(func(ctx context.Context, _, _ string, _ time.Duration) (dedupe.State, time.Duration, error) {
					return 0, 0, hang(ctx)
				})
				time.Sleep(18 * time.Second)
				store.onClaim(store.next.Claim)
			}
			return fnCtx.Err()
		}))
	})
}

// A store that hangs must not keep the news of a lost lease for as long as a call may take.
func TestLostLeaseIsToldInTime(t *testing.T) {
	bubble(t, func(t *testing.T, ctx context.Context) {
		store := newScripted()
		g := dedupe.Guard{Store: store, Lease: 3 * time.Second, StoreTimeout: time.Minute}
		require.NoError(t, g.Do(ctx, "a", func(fnCtx context.Context) error {
			start := time.Now()
			store.onClaim(func(ctx context.Context, _, _ string, _ time.Duration) (dedupe.State, time.Duration, error) {
				return 0, 0, hang(ctx)
			})
			<-fnCtx.Done()
			require.Equal(t, 3*time.Second, time.Since(start))
			return nil
		}))
	})
}

func TestLeaseIsLost(t *testing.T) {
	cases := map[string]struct {
		fail   error
		commit error
		by     time.Duration
	}{
		"the store is away":     {errStore, nil, 30 * time.Second},
		"another took it":       {nil, dedupe.ErrLeaseLost, 10 * time.Second},
		"another has committed": {nil, dedupe.ErrLeaseLost, 10 * time.Second},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, ctx context.Context) {
				store := newScripted()
				g := dedupe.Guard{Store: store}
				err := g.Do(ctx, "a", func(fnCtx context.Context) error {
					start := time.Now()
					if c.fail != nil {
						store.onClaim(func(context.Context, string, string, time.Duration) (dedupe.State, time.Duration, error) {
							return 0, 0, c.fail
						})
					} else {
						lose(t, store, name == "another has committed")
					}
					<-fnCtx.Done()
					require.Equal(t, c.by, time.Since(start))
					require.ErrorIs(t, context.Cause(fnCtx), dedupe.ErrLeaseLost)
					if c.fail != nil {
						require.ErrorIs(t, context.Cause(fnCtx), c.fail)
					}
					return nil
				})
				if c.commit == nil {
					require.NoError(t, err, "nobody took it, so that the commit counts")
					return
				}
				requireStoreError(t, err, "commit", c.commit)
				require.EqualValues(t, 1, store.commits.Load(), "there is no point in trying again")
			})
		})
	}
}

// lose gives the key of the running function to another, as a store does that has forgotten it.
func lose(t *testing.T, store *scripted, done bool) {
	t.Helper()
	store.forget()
	ctx := context.Background()
	_, _, err := store.next.Claim(ctx, ":a", "another", time.Hour)
	require.NoError(t, err)
	if done {
		require.NoError(t, store.next.Commit(ctx, ":a", "another", time.Hour))
	}
}

// The renewal may be in the middle of a call when the function ends; Do waits for it, and the commit comes after.
func TestDoWaitsForTheRenewalUnderWay(t *testing.T) {
	bubble(t, func(t *testing.T, ctx context.Context) {
		store := newScripted()
		g := dedupe.Guard{Store: store}
		var renewing atomic.Bool
		require.NoError(t, g.Do(ctx, "a", func(context.Context) error {
			store.onClaim(func(
				ctx context.Context, key, token string, lease time.Duration,
			) (dedupe.State, time.Duration, error) {
				renewing.Store(true)
				defer renewing.Store(false)
				time.Sleep(500 * time.Millisecond)
				return store.next.Claim(ctx, key, token, lease)
			})
			store.onCommit(func(ctx context.Context, key, token string, ttl time.Duration) error {
				require.False(t, renewing.Load())
				return store.next.Commit(ctx, key, token, ttl)
			})
			time.Sleep(10*time.Second + time.Millisecond)
			require.True(t, renewing.Load())
			return nil
		}))
	})
}

func TestVeryShortLease(t *testing.T) {
	bubble(t, func(t *testing.T, ctx context.Context) {
		g := dedupe.Guard{Lease: 1}
		err := g.Do(ctx, "a", func(context.Context) error { time.Sleep(time.Second); return nil })
		require.NoError(t, err)
		require.ErrorIs(t, g.Do(ctx, "a", never(t)), dedupe.ErrDuplicate)
	})
}

// Whoever set a deadline wants to answer soon after it, whatever the store does then: a Do ends by half a second later.
func TestDoEndsSoonAfterTheDeadline(t *testing.T) {
	untilTheEnd := func(err error) func(context.Context) error {
		return func(ctx context.Context) error { <-ctx.Done(); return err }
	}
	for name, test := range map[string]struct {
		faulty func(*scripted)
		fn     func(context.Context) error
		by     time.Duration
		want   error
	}{
		"commit hangs": {func(s *scripted) {
			s.onCommit(func(ctx context.Context, _, _ string, _ time.Duration) error { return hang(ctx) })
		}, untilTheEnd(nil), 9*time.Second + 500*time.Millisecond, context.DeadlineExceeded},
		"release hangs": {func(s *scripted) {
			s.onRelease(func(ctx context.Context, _, _ string) error { return hang(ctx) })
		}, untilTheEnd(errStore), 9*time.Second + 500*time.Millisecond, errStore},
		"renewal and commit hang": {func(s *scripted) {
			s.onClaim(func(ctx context.Context, key, token string, lease time.Duration) (dedupe.State, time.Duration, error) {
				if s.claims.Load() > 5 {
					return 0, 0, hang(ctx)
				}
				return s.next.Claim(ctx, key, token, lease)
			})
			s.onCommit(func(ctx context.Context, _, _ string, _ time.Duration) error { return hang(ctx) })
		}, untilTheEnd(nil), 9*time.Second + 500*time.Millisecond, context.DeadlineExceeded},
		"renewal hangs": {func(s *scripted) {
			s.onClaim(func(ctx context.Context, key, token string, lease time.Duration) (dedupe.State, time.Duration, error) {
				if s.claims.Load() > 5 {
					return 0, 0, hang(ctx)
				}
				return s.next.Claim(ctx, key, token, lease)
			})
		}, untilTheEnd(nil), 9*time.Second + 250*time.Millisecond, nil},
		"claim hangs": {func(s *scripted) {
			s.onClaim(func(ctx context.Context, _, _ string, _ time.Duration) (dedupe.State, time.Duration, error) {
				return 0, 0, hang(ctx)
			})
			s.onRelease(func(ctx context.Context, _, _ string) error { return hang(ctx) })
		}, nil, 9*time.Second + 500*time.Millisecond, context.DeadlineExceeded},
		"all is well": {func(*scripted) {}, untilTheEnd(nil), 9 * time.Second, nil},
		"the function does not look": {func(s *scripted) {
			s.onCommit(func(ctx context.Context, _, _ string, _ time.Duration) error { return hang(ctx) })
		}, func(context.Context) error { time.Sleep(time.Minute); return nil }, time.Minute + 500*time.Millisecond,
			context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, ctx context.Context) {
				ctx, cancel := context.WithTimeout(ctx, 9*time.Second)
				defer cancel()
				store := newScripted()
				test.faulty(store)
				g := dedupe.Guard{Store: store, StoreTimeout: 20 * time.Second, Lease: 5 * time.Second}
				start := time.Now()
				fn := test.fn
				if fn == nil {
					fn = never(t)
				}
				require.ErrorIs(t, g.Do(ctx, "a", fn), test.want)
				require.Equal(t, test.by, time.Since(start))
			})
		})
	}
}
