package sqlitestore_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
)

// Two stores on one file, as two processes have them: each delivery is finished once, whoever made or claimed it.
func TestTwoStoresOnOneFile(t *testing.T) {
	path := file(t)
	stores := []*sqlitestore.Store{open(t, path, sqlitestore.Config{}), open(t, path, sqlitestore.Config{})}
	subscribe(t, stores[0], "a", "x")
	subscribe(t, stores[1], "b", "x")
	const publishers, each = 4, 30
	const all = publishers * each * 2
	var finished atomic.Int64
	var wg sync.WaitGroup
	errs := make(chan error, 2*publishers)
	for i := range publishers {
		s := stores[i%2]
		wg.Go(func() {
			for n := range each {
				_, _, err := s.Enqueue(t.Context(), batch(fmt.Sprintf("evt_%d_%d_", i, n), 1, "x"), nil)
				errs <- err
				if err != nil {
					return
				}
				<-errs
			}
		})
		wg.Go(func() {
			for finished.Load() < all && t.Context().Err() == nil {
				c, err := s.Claim(t.Context(), request(5))
				if err == nil {
					var settled []driver.Settled
					settled, err = s.Settle(t.Context(), delivered(c.Claims))
					for _, x := range settled {
						if !x.Applied {
							err = errors.New("a delivery slipped away from its holder")
						}
					}
					finished.Add(int64(len(settled)))
				}
				if err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	require.EqualValues(t, all, finished.Load())
	found := list(t, stores[0], driver.DeliveryQuery{Limit: all + 1})
	require.Len(t, found, all)
	for _, d := range found {
		require.Equal(t, driver.StateDelivered, d.State)
		require.Equal(t, 1, d.Attempt)
	}
	requireSound(t, path)
}

// A claim never goes out with what a subscription was before another process changed it.
func TestChangesOfAnotherProcessAreSeenAtOnce(t *testing.T) {
	path := file(t)
	here, there := open(t, path, sqlitestore.Config{}), open(t, path, sqlitestore.Config{})
	subscribe(t, here, "a", "x")
	enqueue(t, here, batch("evt_", 2, "x"))
	c, err := here.Claim(t.Context(), request(1))
	require.NoError(t, err)
	require.Equal(t, "https://example.com/a", c.Claims[0].Subscription.URL)

	record, err := there.Subscriptions(t.Context(), driver.SubscriptionQuery{Org: "acme"})
	require.NoError(t, err)
	record[0].URL = "https://example.org/new"
	_, err = there.PutSubscription(t.Context(), record[0])
	require.NoError(t, err)

	c, err = here.Claim(t.Context(), request(1))
	require.NoError(t, err)
	require.Equal(t, "https://example.org/new", c.Claims[0].Subscription.URL)
}

// Nor does an event go by whom another process has added or removed since the last one of its kind.
func TestSubscriptionsOfAnotherProcessAreMatchedAtOnce(t *testing.T) {
	path := file(t)
	here, there := open(t, path, sqlitestore.Config{}), open(t, path, sqlitestore.Config{})
	n := 0
	publish := func() int {
		n++
		results, _, err := here.Enqueue(t.Context(), batch(fmt.Sprint("evt_", n, "_"), 1, "x"), nil)
		require.NoError(t, err)
		return results[0].Deliveries
	}
	require.Zero(t, publish())
	subscribe(t, there, "a", "x")
	require.Equal(t, 1, publish())
	subscribe(t, there, "b", "x")
	require.Equal(t, 2, publish())
	require.NoError(t, there.DeleteSubscription(t.Context(), "acme", "a"))
	require.Equal(t, 1, publish())
	_, err := there.Erase(t.Context(), "acme", 1)
	require.NoError(t, err)
	require.Zero(t, publish())
}

func TestWaitHearsOtherProcesses(t *testing.T) {
	path := file(t)
	cfg := sqlitestore.Config{PollInterval: time.Millisecond}
	here, there := open(t, path, cfg), open(t, path, cfg)
	subscribe(t, there, "a", "x")
	enqueue(t, there, batch("evt_", 1, "x"))
	c, err := there.Claim(t.Context(), request(1))
	require.NoError(t, err)
	paused, err := there.Subscriptions(t.Context(), driver.SubscriptionQuery{Org: "acme"})
	require.NoError(t, err)
	paused[0].Status = driver.StatusPaused
	paused[0].Version, err = there.PutSubscription(t.Context(), paused[0])
	require.NoError(t, err)

	for name, arrive := range map[string]func() error{
		"an event": func() error { _, _, err := there.Enqueue(t.Context(), batch("other_", 1, "x"), nil); return err },
		"a resume": func() error {
			paused[0].Status = driver.StatusActive
			_, err := there.PutSubscription(t.Context(), paused[0])
			return err
		},
		"a release": func() error {
			o := delivered(c.Claims)
			o[0].State, o[0].Attempt, o[0].Health = driver.StatePending, nil, driver.HealthUnchanged
			_, err := there.Settle(t.Context(), o)
			return err
		},
	} {
		_, err := here.Claim(t.Context(), request(0))
		require.NoError(t, err)
		quiet(t, here)
		done := make(chan error, 1)
		go func() { done <- here.Wait(t.Context()) }()
		require.NoError(t, arrive(), name)
		require.NoError(t, <-done, name)
	}
}

// quiet waits until nothing is left that Wait remembers.
func quiet(t *testing.T, s *sqlitestore.Store) {
	t.Helper()
	for {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		err := s.Wait(ctx)
		cancel()
		if err != nil {
			require.ErrorIs(t, err, context.DeadlineExceeded)
			return
		}
	}
}

// locked is a store on a file that somebody else is writing to.
func locked(t *testing.T, cfg sqlitestore.Config) *sqlitestore.Store {
	path := file(t)
	s := open(t, path, cfg)
	subscribe(t, s, "a", "x")
	conn, err := hostDB(t, path, "").Conn(t.Context())
	require.NoError(t, err)
	_, err = conn.ExecContext(t.Context(), `BEGIN IMMEDIATE`)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	return s
}

func TestACallWaitsForTheLockNoLongerThanItsContext(t *testing.T) {
	s := locked(t, sqlitestore.Config{BusyTimeout: time.Hour})
	for range 3 { // one behind the other
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		start := time.Now()
		_, _, err := s.Enqueue(ctx, batch("evt_", 1, "x"), nil)
		cancel()
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Less(t, time.Since(start), 2*time.Second)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	_, err := s.Settle(ctx, []driver.Outcome{{State: driver.StateDead}})
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, list(t, s, driver.DeliveryQuery{}), "readers do not wait")
}

func TestACallWithoutDeadlineGivesUp(t *testing.T) {
	s := locked(t, sqlitestore.Config{BusyTimeout: 10 * time.Millisecond})
	_, _, err := s.Enqueue(context.WithoutCancel(t.Context()), batch("evt_", 1, "x"), nil)
	require.ErrorContains(t, err, "another process has been writing for 10ms")
}
