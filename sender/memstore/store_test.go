package memstore_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
	"github.com/kirimhooks/kirimhooks/sender/storetest"
)

// Each case gets a bubble of its own, in which time.Sleep lets hours pass in no time.
func TestStore(t *testing.T) {
	for name, run := range storetest.Cases() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				run(t, storetest.Subject{Store: memstore.New(), Advance: time.Sleep})
			})
		})
	}
}

// Each retry is there at the moment that NextDue names, and none before, in whatever order they were settled.
func TestRetriesFallDueInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 2000
		s := open(t)
		enqueue(t, s, batch("acme", "evt_", n, "x"))
		r := driver.ClaimRequest{Limit: n, PerSubscription: n, Lease: 1000 * time.Hour}
		c, err := s.Claim(t.Context(), r)
		require.NoError(t, err)
		random := rand.New(rand.NewPCG(1, 2))
		due := map[string]time.Time{}
		for _, i := range random.Perm(n) {
			d := c.Claims[i].Delivery
			after := time.Duration(1 + random.Int64N(int64(time.Hour)))
			due[d.ID] = time.Now().Add(after)
			_, err := s.Settle(t.Context(), []driver.Outcome{{
				Org: "acme", DeliveryID: d.ID, Token: c.Claims[i].Token, State: driver.StatePending, After: after,
			}})
			require.NoError(t, err)
		}
		for len(due) > 0 {
			c, err := s.Claim(t.Context(), r)
			require.NoError(t, err)
			for _, c := range c.Claims {
				require.True(t, due[c.Delivery.ID].Equal(time.Now()), "due %v", due[c.Delivery.ID])
				delete(due, c.Delivery.ID)
			}
			time.Sleep(c.NextDue)
		}
	})
}

// A store that lives for long must give back what was purged.
func TestPurgeGivesMemoryBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		round := func(i int) {
			id := fmt.Sprint("s", i)
			subscribe(t, s, fmt.Sprint("org", i), id, "x")
			enqueue(t, s, batch(fmt.Sprint("org", i), "evt_", 1000, "x"))
			enqueue(t, s, batch("acme", fmt.Sprintf("evt_%d_", i), 1000, "x"))
			for range 20 {
				r := request(100)
				r.PerSubscription = 50
				c, err := s.Claim(t.Context(), r)
				require.NoError(t, err)
				var outcomes []driver.Outcome
				for n, c := range c.Claims {
					outcomes = append(outcomes, driver.Outcome{
						Org: c.Delivery.Org, DeliveryID: c.Delivery.ID, Token: c.Token, State: driver.StateDead, Reason: fmt.Sprint(i, n),
						Attempt: &driver.Attempt{N: 1, StatusCode: 500, Response: fmt.Sprint("answer ", i, n)},
					})
				}
				_, err = s.Settle(t.Context(), outcomes)
				require.NoError(t, err)
			}
			_, err := s.Replay(t.Context(), driver.ReplayRequest{DeliveryQuery: driver.DeliveryQuery{Org: "acme", Limit: 500}})
			require.NoError(t, err)
			require.NoError(t, s.DeleteSubscription(t.Context(), fmt.Sprint("org", i), id))
			require.NoError(t, s.DeleteSubscription(t.Context(), "acme", "a"))
			subscribe(t, s, "acme", "a", "x")
			time.Sleep(25 * time.Hour)
			for p := (driver.Purged{Events: 1}); p != (driver.Purged{}); {
				p, err = s.Purge(t.Context(), driver.PurgeRequest{Limit: 500, HeldMax: 10, HeldAge: time.Hour})
				require.NoError(t, err)
			}
			require.Empty(t, list(t, s))
		}
		for i := range 3 {
			round(i)
		}
		before := heap()
		for i := range 30 {
			round(3 + i)
		}
		require.Less(t, heap(), before+1<<20, "30 rounds of 2,500 deliveries and bodies of 1 KiB")
		runtime.KeepAlive(s)
	})
}

// Only the id that was given out finds a delivery, and it only in its org.
func FuzzDeliveryID(f *testing.F) {
	s := memstore.New()
	subscribe(f, s, "acme", "a", "x")
	enqueue(f, s, batch("acme", "evt_", 100, "x"))
	known := map[string]bool{}
	l, err := s.Deliveries(f.Context(), driver.DeliveryQuery{Org: "acme"})
	require.NoError(f, err)
	for _, d := range l {
		known[d.ID] = true
		f.Add(d.ID)
		f.Add(strings.ToLower(d.ID))
		f.Add(d.ID[1:])
	}
	for _, id := range []string{"", "00000000000000000000000000", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
		"ZZZZZZZZZZZZZZZZZZZZZZZZZZ", "\xff"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		_, err := s.Attempts(t.Context(), "acme", id)
		if known[id] {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, driver.ErrNotFound)
		}
		_, err = s.Attempts(t.Context(), "rival", id)
		require.ErrorIs(t, err, driver.ErrNotFound)
	})
}
