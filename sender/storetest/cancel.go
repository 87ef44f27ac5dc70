package storetest

import (
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func cancelCases() []func(*world) {
	return []func(*world){
		cancelEndsWhatIsDueWaitsOrIsHeld,
		cancelPassesOverWhatIsFinishedOrGone,
		cancelTakesAllFiltersAndComesInPages,
		cancelReachesNoOtherOrg,
		aCancelledDeliveryCanBeRepeated,
		cancelOfALapsedLeaseEndsItAtOnce,
		cancelLeavesHealthAndCountsAlone,
		cancelWhileAllGoOnEndsEachOnce,
	}
}

func (w *world) cancel(q driver.DeliveryQuery) []driver.Cancelled {
	w.Helper()
	q.Org = acme
	list, err := w.Cancel(w.ctx, q)
	require.NoError(w, err)
	return list
}

// ended demands that a delivery reads as cancelled.
func (w *world) ended(id string) driver.Delivery {
	w.Helper()
	d := w.delivery(id)
	require.Equal(w, driver.StateCancelled, d.State)
	require.Equal(w, driver.ReasonCancelled, d.Reason)
	require.False(w, d.FinishedAt.IsZero())
	require.True(w, d.NextAt.IsZero())
	return d
}

func cancelEndsWhatIsDueWaitsOrIsHeld(w *world) {
	waits := w.waiting(1)[0]
	w.publish("evt_due", "x")
	due := w.only("evt_due").ID
	w.subscribe("b", "y")
	w.publish("evt_held", "y")
	w.turn("b", driver.StatusPaused)
	held := w.only("evt_held").ID
	want := []driver.Cancelled{{ID: held, Ended: true}, {ID: due, Ended: true}, {ID: waits.DeliveryID, Ended: true}}
	require.Equal(w, want, w.cancel(driver.DeliveryQuery{}))
	for _, id := range []string{due, held} {
		w.ended(id)
		require.Empty(w, w.attempts(id))
	}
	d := w.ended(waits.DeliveryID)
	require.Equal(w, 1, d.Attempt)
	require.Len(w, w.attempts(d.ID), 1)
	require.Empty(w, w.cancel(driver.DeliveryQuery{}), "nothing is left")
	w.turn("b", driver.StatusActive)
	w.nothing()
	w.settleAll(waits)
	require.Equal(w, d, w.delivery(d.ID), "the outcome that made it wait, told again, changes nothing")
	if w.canPass(13 * time.Hour) {
		w.pass(13 * time.Hour)
		w.nothing()
	}
}

func cancelPassesOverWhatIsFinishedOrGone(w *world) {
	w.subscribe("a", "x")
	for _, state := range []driver.State{driver.StateDelivered, driver.StateDead, driver.StateCancelled} {
		w.publish("evt_"+string(state), "x")
		w.finish(state)
	}
	w.publish("evt_gone", "x")
	require.NoError(w, w.DeleteSubscription(w.ctx, acme, "a"))
	before := w.deliveries(driver.DeliveryQuery{})
	require.Empty(w, w.cancel(driver.DeliveryQuery{}))
	require.Equal(w, before, w.deliveries(driver.DeliveryQuery{}))
}

func cancelTakesAllFiltersAndComesInPages(w *world) {
	w.subscribe("b", "x")
	all := w.logOf(10)
	pick := w.delivery(all[6])
	require.Empty(w, w.cancel(driver.DeliveryQuery{States: []driver.State{driver.StateHeld}}))
	require.Empty(w, w.cancel(driver.DeliveryQuery{Until: pick.CreatedAt.Add(-time.Hour)}))
	require.Equal(w, []driver.Cancelled{{ID: pick.ID, Ended: true}},
		w.cancel(driver.DeliveryQuery{Subscription: pick.SubscriptionID, EventID: pick.EventID}))
	var want, got []string
	for _, d := range w.deliveries(driver.DeliveryQuery{Subscription: "a"}) {
		if d.State == driver.StatePending {
			want = append(want, d.ID)
		}
	}
	q := driver.DeliveryQuery{Subscription: "a", Limit: 3}
	for range 10 {
		page := w.cancel(q)
		require.LessOrEqual(w, len(page), q.Limit)
		for _, c := range page {
			got = append(got, c.ID)
		}
		if len(page) < q.Limit {
			break
		}
		q.After = page[len(page)-1].ID
	}
	require.Equal(w, want, got, "newest first, each once")
	for _, c := range w.gather(request(20), 20) {
		require.Equal(w, "b", c.Delivery.SubscriptionID)
	}
}

func cancelReachesNoOtherOrg(w *world) {
	dead, flight := w.foreign()
	w.enqueue(publication(rival, "evt_due", "x"))
	for _, q := range []driver.DeliveryQuery{{}, {IDs: []string{dead.ID, flight.Delivery.ID}}, {Subscription: "theirs"},
		{EventID: "evt_due"}} {
		require.Empty(w, w.cancel(q))
	}
	w.one()
	s := w.settle(outcome(flight, driver.StatePending, nil))
	require.False(w, s.Cancelled)
	w.one()
}

func aCancelledDeliveryCanBeRepeated(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	old := w.cancel(driver.DeliveryQuery{})[0].ID
	made := w.replay(driver.DeliveryQuery{States: []driver.State{driver.StateCancelled}})
	require.Equal(w, []string{old}, olds(made))
	require.Equal(w, made[0].New, w.one().Delivery.ID)
}

func cancelOfALapsedLeaseEndsItAtOnce(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	c := w.lease()
	w.pass(w.moment)
	require.Equal(w, []driver.Cancelled{{ID: c.Delivery.ID, Ended: true}}, w.cancel(driver.DeliveryQuery{}))
	d := w.ended(c.Delivery.ID)
	w.nothing()
	require.False(w, w.settleAll(outcome(c, driver.StateDelivered, attempt(1, 200)))[0].Applied, "it comes too late")
	require.Equal(w, d, w.delivery(d.ID))
	require.Len(w, w.attempts(d.ID), 1, "and is logged")
}

func cancelLeavesHealthAndCountsAlone(w *world) {
	w.subscribe("a", "x")
	w.judged(driver.HealthDead, driver.HealthDead)
	before, minutes := w.health("a"), w.total("a")
	w.publish("evt_1", "x")
	require.Len(w, w.cancel(driver.DeliveryQuery{}), 1)
	require.Equal(w, before.ConsecutiveDead, w.health("a").ConsecutiveDead)
	require.Equal(w, minutes, w.total("a"))
	if counter, ok := w.counter(); ok {
		c, err := counter.Counts(w.ctx, acme)
		require.NoError(w, err)
		require.Equal(w, driver.Counts{Dead: 2}, c)
	}
}

// Claims, outcomes and cancellations of the same deliveries at once: none is stuck, lost, or ended twice.
func cancelWhileAllGoOnEndsEachOnce(w *world) {
	const n = 200
	for _, id := range []string{"a", "b"} {
		w.subscribe(id, "x")
	}
	w.publishMany("evt_", n/2, "x")
	var left atomic.Int64
	left.Store(n)
	errs := parallel(12, func(i int) error {
		for round := 0; left.Load() > 0 && round < 10_000; round++ {
			if i < 4 {
				list, err := w.Cancel(w.ctx, driver.DeliveryQuery{Org: acme, Limit: 7})
				if err != nil {
					return err
				}
				for _, c := range list {
					if c.Ended {
						left.Add(-1)
					}
				}
				continue
			}
			c, err := w.Claim(w.ctx, request(5))
			if err != nil {
				return err
			}
			outcomes := make([]driver.Outcome, len(c.Claims))
			for k, c := range c.Claims {
				state := []driver.State{driver.StatePending, driver.StateDelivered, driver.StateDead}[(i+k)%3]
				outcomes[k] = outcome(c, state, attempt(c.Delivery.Attempt+1, 200))
			}
			if i%2 == 0 {
				slices.Reverse(outcomes)
			}
			settled, err := w.Settle(w.ctx, outcomes)
			if err != nil {
				return err
			}
			for k, s := range settled {
				if !s.Applied {
					return fmt.Errorf("delivery %s slipped away from its holder", outcomes[k].DeliveryID)
				}
				if s.Cancelled || outcomes[k].State != driver.StatePending {
					left.Add(-1)
				}
			}
		}
		return nil
	})
	for _, err := range errs {
		require.NoError(w, err)
	}
	require.Zero(w, left.Load(), "each ended once, and somebody was told")
	w.nothing()
	for _, d := range w.deliveries(driver.DeliveryQuery{Limit: n + 1}) {
		require.False(w, d.FinishedAt.IsZero(), "delivery %s is %s", d.ID, d.State)
	}
}
