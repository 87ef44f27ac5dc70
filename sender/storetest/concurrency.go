package storetest

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func concurrencyCases() []func(*world) {
	return []func(*world){
		claimNeverGivesOneDeliveryTwice,
		enqueueOfOneEventByManyStoresItOnce,
		settleByTwoHoldersAppliesOnce,
		nothingIsLostOrDoubledWhileAllGoOn,
	}
}

// claimers is how many claim at once.
const claimers = 64

// parallel runs f n times at once and returns what each gave. f must not use the case's T: its failures end a
// goroutine.
func parallel[R any](n int, f func(i int) R) []R {
	results := make([]R, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { results[i] = f(i) })
	}
	wg.Wait()
	return results
}

func claimNeverGivesOneDeliveryTwice(w *world) {
	const n = 1000
	for i := range 10 {
		w.subscribe(fmt.Sprintf("s%d", i), "x")
	}
	w.publishMany("evt_", n/10, "x")
	type share struct {
		claims []driver.Claim
		err    error
	}
	var taken atomic.Int64
	shares := parallel(claimers, func(int) (s share) {
		for idle := 0; idle < 20 && taken.Load() < n; {
			c, err := w.Claim(w.ctx, request(7))
			if err != nil {
				return share{err: err}
			}
			if len(c.Claims) == 0 {
				idle++
			}
			taken.Add(int64(len(c.Claims)))
			s.claims = append(s.claims, c.Claims...)
		}
		return s
	})
	holder := map[string]string{}
	for _, s := range shares {
		require.NoError(w, s.err)
		for _, c := range s.claims {
			require.Empty(w, holder[c.Delivery.ID], "delivery %s is held by two", c.Delivery.ID)
			holder[c.Delivery.ID] = c.Token
		}
	}
	w.take(n - len(holder)) // nobody's share is lost
}

func enqueueOfOneEventByManyStoresItOnce(w *world) {
	w.subscribe("a", "x")
	results := parallel(claimers, func(int) driver.Enqueued {
		e, _, err := w.Enqueue(w.ctx, []driver.Publication{publication(acme, "evt_1", "x")}, nil)
		if err != nil {
			return driver.Enqueued{Err: err}
		}
		return e[0]
	})
	made, duplicates := 0, 0
	for _, e := range results {
		require.NoError(w, e.Err)
		made += e.Deliveries
		if e.Duplicate {
			duplicates++
		}
	}
	require.Equal(w, 1, made)
	require.Equal(w, claimers-1, duplicates)
	w.one()
}

func settleByTwoHoldersAppliesOnce(w *world) {
	stale, held := w.takenOver()
	states := []driver.State{driver.StateDead, driver.StateDelivered}
	applied := parallel(2, func(i int) bool {
		s, err := w.Settle(w.ctx, []driver.Outcome{outcome([]driver.Claim{stale, held}[i], states[i], attempt(1, 200+i))})
		return err == nil && s[0].Applied
	})
	require.Equal(w, []bool{false, true}, applied)
	require.Equal(w, driver.StateDelivered, w.only("evt_1").State)
}

func nothingIsLostOrDoubledWhileAllGoOn(w *world) {
	const publishers, each = 8, 25
	for _, id := range []string{"a", "b", "c"} {
		w.subscribe(id, "x")
	}
	const all = publishers * each * 3
	var finished, publishing atomic.Int64
	publishing.Store(publishers)
	errs := parallel(publishers+8, func(i int) error {
		if i < publishers {
			defer publishing.Add(-1)
			for n := range each {
				r := request(2)
				p := publication(acme, fmt.Sprintf("evt_%d_%d", i, n), "x")
				_, born, err := w.Enqueue(w.ctx, []driver.Publication{p}, &r)
				if err == nil {
					err = w.work(born, &finished)
				}
				if err != nil {
					return err
				}
			}
			return nil
		}
		// Something may be in flight elsewhere and come back, but not for ever.
		for idle := 0; finished.Load() < all && idle < 10_000; {
			c, err := w.Claim(w.ctx, request(5))
			if err == nil {
				err = w.work(c.Claims, &finished)
			}
			if err != nil {
				return err
			}
			if len(c.Claims) == 0 {
				runtime.Gosched()
			}
			if publishing.Load() == 0 && len(c.Claims) == 0 {
				idle++
			} else {
				idle = 0
			}
		}
		return nil
	})
	for _, err := range errs {
		require.NoError(w, err)
	}
	w.nothing()
	list := w.deliveries(driver.DeliveryQuery{Limit: all + 1})
	require.Len(w, list, all)
	for _, d := range list {
		require.Equal(w, driver.StateDelivered, d.State)
		require.Len(w, w.attempts(d.ID), 2)
	}
	require.Equal(w, all, w.total("").Delivered)
	require.Equal(w, all, w.total("").Failed)
}

// work settles claims: the first attempt fails, the second succeeds.
func (w *world) work(claims []driver.Claim, finished *atomic.Int64) error {
	outcomes := make([]driver.Outcome, len(claims))
	for i, c := range claims {
		state := driver.StatePending
		if c.Delivery.Attempt == 1 {
			state = driver.StateDelivered
			finished.Add(1)
		}
		outcomes[i] = outcome(c, state, attempt(c.Delivery.Attempt+1, 200))
	}
	settled, err := w.Settle(w.ctx, outcomes)
	if err != nil {
		return err
	}
	for i, s := range settled {
		if !s.Applied {
			return fmt.Errorf("delivery %s slipped away from its holder", outcomes[i].DeliveryID)
		}
	}
	return nil
}
