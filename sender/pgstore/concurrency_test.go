package pgstore_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func TestEightClaimersNeverShare(t *testing.T) {
	for _, subs := range []int{1, 100} {
		t.Run(fmt.Sprint(subs, " subscriptions"), func(t *testing.T) {
			w := open(t)
			w.seed(subs, 20_000/subs, 0)
			var seen sync.Map
			var taken, twice atomic.Int64
			var wg sync.WaitGroup
			for range 8 {
				s := w.peer()
				wg.Go(func() {
					for empty := 0; empty < 3; {
						c, err := s.Claim(t.Context(), request(50))
						if err != nil {
							t.Error(err)
							return
						}
						if len(c.Claims) == 0 {
							empty++
						}
						var done []driver.Outcome
						for _, c := range c.Claims {
							taken.Add(1)
							if _, there := seen.LoadOrStore(c.Delivery.ID, true); there {
								twice.Add(1)
							}
							done = append(done, delivered(c))
						}
						rand.Shuffle(len(done), func(i, j int) { done[i], done[j] = done[j], done[i] })
						settled, err := s.Settle(t.Context(), done)
						refused := func(x driver.Settled) bool { return !x.Applied }
						if err != nil || slices.ContainsFunc(settled, refused) {
							t.Error("not applied", err)
							return
						}
					}
				})
			}
			wg.Wait()
			require.Zero(t, twice.Load())
			require.EqualValues(t, 20_000, taken.Load())
			require.Equal(t, 20_000, w.minutes("delivered"))
			require.Equal(t, 20_000, w.count("select count(*) from {schema}.attempts where state = 1"))
		})
	}
}

// Lapsed leases are contested by everybody: each is taken over once, and one row of the attempts says so.
func TestEightClaimersTakeOverOnce(t *testing.T) {
	w := open(t)
	w.seed(10, 200, 0)
	for len(w.claim(request(500)).Claims) > 0 {
	}
	w.advance(2 * time.Minute)
	var taken atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		s := w.peer()
		wg.Go(func() {
			for empty := 0; empty < 3; {
				c, err := s.Claim(t.Context(), request(50))
				if err != nil {
					t.Error(err)
					return
				}
				if taken.Add(int64(len(c.Claims))); len(c.Claims) == 0 {
					empty++
				}
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 2000, taken.Load())
	require.Equal(t, 2000, w.count("select count(*) from {schema}.attempts where lapsed"))
	require.Equal(t, 2000, w.count("select count(*) from {schema}.unfinished_deliveries where lapses = 1"))
}

// all claims everything there is.
func (w *world) all() (claims []driver.Claim) {
	w.Helper()
	for {
		c := w.claim(request(1000))
		if len(c.Claims) == 0 && !c.More {
			return claims
		}
		claims = append(claims, c.Claims...)
	}
}

func TestSettlersInOppositeOrdersDoNotDeadlock(t *testing.T) {
	w := open(t)
	w.seed(40, 500, 0)
	claims := w.all()
	require.Len(t, claims, 20_000)
	rand.Shuffle(len(claims), func(i, j int) { claims[i], claims[j] = claims[j], claims[i] })
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for batch := range slices.Chunk(claims[i*5000:(i+1)*5000], 250) {
				var done []driver.Outcome
				for _, c := range batch {
					done = append(done, died(c))
				}
				// one store: all in one minute row, the worst case
				if _, err := w.Settle(t.Context(), done); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	require.Equal(t, 20_000, w.count("select sum(consecutive_dead)::int from {schema}.health"))
	require.Equal(t, 20_000, w.minutes("failed"))
	require.Equal(t, 20_000, w.count("select count(*) from {schema}.attempts"))
	require.Zero(t, w.count("select count(*) from {schema}.unfinished_deliveries"))
}

// Each call delivers for one subscription and fails for the other, crosswise, and both have a health to write: whatever
// the order of the two inside a call, the other call has the opposite one.
func TestCrossedOutcomesDoNotDeadlock(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s1", driver.StatusActive, "x")
	w.subscribe("a", "s2", driver.StatusActive, "x")
	w.publish(publications("a", "e", 3, "x")...)
	of := map[string][]driver.Claim{}
	for _, c := range w.all() {
		of[c.Subscription.ID] = append(of[c.Subscription.ID], c)
	}
	w.settle(died(of["s1"][0]), died(of["s2"][0]))
	tx, err := w.pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), w.in(`select 1 from {schema}.health h
		join {schema}.subscriptions s on s.number = h.subscription where s.id = 's1' for update of h`))
	require.NoError(t, err)
	var wg sync.WaitGroup
	for i, batch := range [][]driver.Outcome{
		{delivered(of["s1"][1]), died(of["s2"][1])},
		{delivered(of["s2"][2]), died(of["s1"][2])},
	} {
		wg.Go(func() {
			if _, err := w.Settle(t.Context(), batch); err != nil {
				t.Error(err)
			}
		})
		w.untilBlocked(i + 1)
	}
	require.NoError(t, tx.Rollback(t.Context()))
	wg.Wait()
	require.Zero(t, w.count("select count(*) from {schema}.unfinished_deliveries"))
}

// The same batch settled by several calls at once and in opposite orders, as after a time-out.
func TestOneBatchSettledAtOnceAppliesOnce(t *testing.T) {
	w := open(t)
	w.seed(10, 200, 0)
	for batch := range slices.Chunk(w.all(), 200) {
		var there []driver.Outcome
		for i, c := range batch {
			o := died(c)
			if i%3 == 0 {
				o.State, o.After, o.Health = driver.StatePending, time.Hour, driver.HealthUnchanged
			}
			there = append(there, o)
		}
		back := slices.Clone(there)
		slices.Reverse(back)
		var wg sync.WaitGroup
		for _, batch := range [][]driver.Outcome{there, back, there} {
			wg.Go(func() {
				settled, err := w.Settle(t.Context(), batch)
				if err != nil || slices.ContainsFunc(settled, func(x driver.Settled) bool { return !x.Applied }) {
					t.Error("not applied", err)
				}
			})
		}
		wg.Wait()
	}
	dead := w.count("select count(*) from {schema}.attempts where state = 2")
	require.Equal(t, dead, w.count("select sum(consecutive_dead)::int from {schema}.health"))
	require.Equal(t, 2000, w.minutes("failed"))
	require.Equal(t, 2000, w.count("select count(*) from {schema}.attempts"))
}

func TestPublishersInOppositeOrdersDoNotDeadlock(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s1", driver.StatusActive, "x")
	var fresh, duplicate atomic.Int64
	for round := range 10 {
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				pubs := publications("a", fmt.Sprint(round, "-"), 200, "x")
				if i%2 == 1 {
					slices.Reverse(pubs)
				}
				results, _, err := w.Enqueue(t.Context(), pubs, nil)
				if err != nil {
					t.Error(err)
				}
				for _, r := range results {
					if r.Err != nil {
						t.Error(r.Err)
					}
					if r.Duplicate {
						duplicate.Add(1)
					}
					fresh.Add(int64(r.Deliveries))
				}
			})
		}
		wg.Wait()
	}
	require.EqualValues(t, 2000, fresh.Load())
	require.EqualValues(t, 6000, duplicate.Load())
}

// Everything that locks more than one row, at once.
func TestNothingDeadlocks(t *testing.T) {
	w := open(t)
	for i := range 20 {
		w.subscribe("o", fmt.Sprint("s", i), driver.StatusActive, "x")
	}
	w.publish(publications("o", "first", 50, "x")...)
	stop := time.Now().Add(3 * time.Second)
	var wg sync.WaitGroup
	loop := func(f func(s driver.Store, round int) error) {
		s := w.peer()
		wg.Go(func() {
			for round := 0; time.Now().Before(stop); round++ {
				if err := f(s, round); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for p := range 2 {
		loop(func(s driver.Store, round int) error {
			_, _, err := s.Enqueue(t.Context(), publications("o", fmt.Sprint(round/2+p, "-"), 20, "x"), nil)
			return err
		})
	}
	for range 3 {
		loop(func(s driver.Store, round int) error {
			c, err := s.Claim(t.Context(), request(100))
			if err != nil {
				return err
			}
			var done []driver.Outcome
			for i, c := range c.Claims {
				o := died(c)
				if i%2 == 0 {
					o = delivered(c)
				}
				done = append(done, o)
			}
			rand.Shuffle(len(done), func(i, j int) { done[i], done[j] = done[j], done[i] })
			_, err = s.Settle(t.Context(), done)
			return err
		})
	}
	loop(func(s driver.Store, round int) error {
		dead := driver.DeliveryQuery{Org: "o", States: []driver.State{driver.StateDead}, Limit: 100}
		_, err := s.Replay(t.Context(), driver.ReplayRequest{DeliveryQuery: dead})
		return err
	})
	for range 2 {
		loop(func(s driver.Store, round int) error {
			_, err := s.Purge(t.Context(), driver.PurgeRequest{Identity: day, HeldMax: 10, Limit: 100})
			return err
		})
	}
	loop(func(s driver.Store, round int) error {
		id := fmt.Sprint("s", round%20)
		list, err := s.Subscriptions(t.Context(), driver.SubscriptionQuery{Org: "o", IDs: []string{id}})
		if err != nil || len(list) == 0 {
			return err
		}
		list[0].Status = []driver.Status{driver.StatusActive, driver.StatusPaused}[round%2]
		_, err = s.PutSubscription(t.Context(), list[0])
		return err
	})
	for p := range 2 {
		loop(func(s driver.Store, round int) error { return comeAndGo(t.Context(), s, round/2+p) })
	}
	wg.Wait()
	w.erase("gone", 1000)
	for table, n := range w.rowsOf("gone") {
		require.Zero(t, n, table)
	}
}

// comeAndGo gives an org some of what it can have, and erases some of it.
func comeAndGo(ctx context.Context, s driver.Store, round int) error {
	for i := range 3 {
		r := driver.SubscriptionRecord{
			Subscription: driver.Subscription{Org: "gone", ID: fmt.Sprint("g", i), Status: driver.StatusActive},
			Topics:       []string{"x"},
		}
		if _, err := s.PutSubscription(ctx, r); err != nil && !errors.Is(err, driver.ErrConflict) {
			return err
		}
	}
	if _, _, err := s.Enqueue(ctx, publications("gone", fmt.Sprint(round, "-"), 20, "x"), nil); err != nil {
		return err
	}
	all := driver.DeliveryQuery{Org: "gone"}
	if _, err := s.Cancel(ctx, driver.DeliveryQuery{Org: "gone", Limit: 10}); err != nil {
		return err
	}
	if _, err := s.Replay(ctx, driver.ReplayRequest{DeliveryQuery: all}); err != nil {
		return err
	}
	_, err := s.Erase(ctx, "gone", 150)
	return err
}
