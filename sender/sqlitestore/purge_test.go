package sqlitestore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
)

func purge(t *testing.T, s driver.Store, r driver.PurgeRequest) (sum driver.Purged) {
	t.Helper()
	for {
		p, err := s.Purge(t.Context(), r)
		require.NoError(t, err)
		if p == (driver.Purged{}) {
			return sum
		}
		require.LessOrEqual(t, p.Deliveries+p.Events+p.Held, r.Limit)
		sum.Deliveries += p.Deliveries
		sum.Events += p.Events
		sum.Held += p.Held
	}
}

func rows(t *testing.T, s *sqlitestore.Store) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, table := range []string{"subscriptions", "topics", "events", "orphans", "deliveries", "lanes", "attempts",
		"minutes"} {
		var n int
		require.NoError(t, s.Pools()["reader"].QueryRow(`SELECT count(*) FROM kirimhooks_`+table).Scan(&n))
		if n > 0 {
			counts[table] = n
		}
	}
	return counts
}

// A store that lives for long must not keep what was purged, in any table.
func TestPurgeLeavesNothingBehind(t *testing.T) {
	s := open(t, file(t), sqlitestore.Config{MayLoseCommits: true})
	for round := range 3 {
		subscribe(t, s, "a", "x", "y")
		subscribe(t, s, "b", "x")
		enqueue(t, s, small(fmt.Sprint("evt_", round, "_"), 50, "x"))
		enqueue(t, s, small(fmt.Sprint("nobodys_", round, "_"), 5, "z"))
		test := small(fmt.Sprint("test_", round, "_"), 1)
		test[0].Only = "b"
		enqueue(t, s, test)
		c, err := s.Claim(t.Context(), request(30))
		require.NoError(t, err)
		_, err = s.Settle(t.Context(), delivered(c.Claims[:20])) // of ten, nobody is heard of again
		require.NoError(t, err)
		require.NoError(t, s.DeleteSubscription(t.Context(), "acme", "a"))
		require.NoError(t, s.DeleteSubscription(t.Context(), "acme", "b"))
		s.Advance(25 * time.Hour)
		r := driver.PurgeRequest{Finished: time.Hour, Identity: 24 * time.Hour, HeldAge: time.Hour, HeldMax: 1, Limit: 7}
		sum := purge(t, s, r)
		require.Equal(t, driver.Purged{Deliveries: 101, Events: 56, Held: 81}, sum)
	}
	s.Advance(25 * time.Hour)
	purge(t, s, driver.PurgeRequest{Limit: 10})
	require.Empty(t, rows(t, s))
}

// Of a backlog that is far too long, the oldest go, in bounded steps.
func TestPurgeTrimsALongBacklog(t *testing.T) {
	s := open(t, file(t), sqlitestore.Config{MayLoseCommits: true})
	subscribe(t, s, "a", "x")
	enqueue(t, s, small("old_", 500, "x"))
	s.Advance(time.Hour)
	enqueue(t, s, small("young_", 500, "x"))
	record, err := s.Subscriptions(t.Context(), driver.SubscriptionQuery{Org: "acme"})
	require.NoError(t, err)
	record[0].Status = driver.StatusPaused
	_, err = s.PutSubscription(t.Context(), record[0])
	require.NoError(t, err)

	r := driver.PurgeRequest{Finished: time.Hour, Identity: time.Hour, HeldAge: time.Hour, HeldMax: 700, Limit: 90}
	require.Equal(t, driver.Purged{Held: 500}, purge(t, s, r), "200 are too many, 500 too old")
	r.HeldMax = 100
	require.Equal(t, driver.Purged{Held: 400}, purge(t, s, r))
	held := list(t, s, driver.DeliveryQuery{States: []driver.State{driver.StateHeld}, Limit: 1000})
	require.Len(t, held, 100)
	require.Equal(t, "young_499", held[0].EventID)
	require.Equal(t, "young_400", held[99].EventID)
}

// What an org had is gone from every table, in bounded steps, and from memory; nobody is woken for it.
func TestEraseLeavesNothingBehind(t *testing.T) {
	s := open(t, file(t), sqlitestore.Config{MayLoseCommits: true})
	subscribe(t, s, "a", "x", "y")
	subscribe(t, s, "gone", "x")
	enqueue(t, s, batch("evt_", 30, "x"))
	enqueue(t, s, batch("nobodys_", 5, "z"))
	c, err := s.Claim(t.Context(), request(20))
	require.NoError(t, err)
	_, err = s.Settle(t.Context(), delivered(c.Claims))
	require.NoError(t, err)
	require.NoError(t, s.DeleteSubscription(t.Context(), "acme", "gone"))
	require.NoError(t, s.Wait(t.Context()), "it wakes for what was published")

	for n := -1; n != 0; {
		n, err = s.Erase(t.Context(), "acme", 10)
		require.NoError(t, err)
		require.LessOrEqual(t, n, 12, "a delivery has an attempt and an event")
	}
	require.Empty(t, rows(t, s))
	require.Zero(t, s.Cached())
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, s.Wait(ctx), context.DeadlineExceeded)
}
