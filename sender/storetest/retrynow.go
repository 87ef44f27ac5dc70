package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func retryNowCases() []func(*world) {
	return []func(*world){
		retryNowMakesWhatWaitsDue,
		retryNowKeepsTheDeliveryAndItsNumber,
		retryNowPassesOverWhatDoesNotWait,
		retryNowOfAHeldDeliveryLeavesItHeld,
		retryNowTakesAllFiltersAndComesInPages,
		retryNowReachesNoOtherOrg,
		retryNowByManyAtOnceHappensOnce,
		retryNowWakesWhoWaits,
	}
}

func (w *world) retryNow(q driver.DeliveryQuery) []string {
	w.Helper()
	q.Org = acme
	ids, err := w.RetryNow(w.ctx, q)
	require.NoError(w, err)
	return ids
}

// waiting makes n deliveries of subscription a that wait for a retry, and returns the outcomes that made them wait,
// those of the newest first.
func (w *world) waiting(n int) []driver.Outcome {
	w.Helper()
	all := w.logOf(n)
	outcomes := make([]driver.Outcome, n)
	for _, c := range w.take(n) {
		o := outcome(c, driver.StatePending, attempt(1, 503))
		o.After, o.Reason = 12*time.Hour, "status 503"
		w.settle(o)
		for i := range all {
			if all[i] == c.Delivery.ID {
				outcomes[i] = o
			}
		}
	}
	w.nothing()
	return outcomes
}

func retryNowMakesWhatWaitsDue(w *world) {
	one := w.waiting(1)[0]
	waits := w.delivery(one.DeliveryID)
	require.Equal(w, []string{one.DeliveryID}, w.retryNow(driver.DeliveryQuery{}))
	due := w.delivery(one.DeliveryID)
	require.WithinDuration(w, waits.NextAt.Add(-12*time.Hour), due.NextAt, time.Hour)
	require.False(w, due.NextAt.IsZero())
	due.NextAt = waits.NextAt
	require.Equal(w, waits, due, "all else is as it was")
	require.Equal(w, one.DeliveryID, w.one().Delivery.ID)
}

func retryNowKeepsTheDeliveryAndItsNumber(w *world) {
	one := w.waiting(1)[0]
	w.retryNow(driver.DeliveryQuery{IDs: []string{one.DeliveryID}})
	require.True(w, w.settleAll(one)[0].Applied, "the outcome that made it wait, again")
	c := w.one()
	require.Equal(w, 1, c.Delivery.Attempt, "the next is attempt 2")
	require.Zero(w, c.Lapses)
	require.Empty(w, c.Delivery.ReplayedFrom)
	require.False(w, w.settleAll(one)[0].Applied)
	w.settle(outcome(c, driver.StateDead, attempt(2, 503)))
	require.Len(w, w.attempts(one.DeliveryID), 2)
	require.Len(w, w.deliveries(driver.DeliveryQuery{}), 1)
}

func retryNowPassesOverWhatDoesNotWait(w *world) {
	w.subscribe("a", "x")
	w.publishMany("evt_", 3, "x") // due
	before := w.deliveries(driver.DeliveryQuery{})
	require.Empty(w, w.retryNow(driver.DeliveryQuery{}))
	require.Equal(w, before, w.deliveries(driver.DeliveryQuery{}))
	claims := w.take(3)
	require.Empty(w, w.retryNow(driver.DeliveryQuery{}), "in flight")
	w.settle(outcome(claims[0], driver.StateDead, nil))
	w.settle(outcome(claims[1], driver.StateDelivered, nil))
	o := outcome(claims[2], driver.StatePending, nil)
	o.After = w.moment
	w.settle(o)
	w.pass(w.moment)
	require.Empty(w, w.retryNow(driver.DeliveryQuery{}), "finished, and due by itself")
	require.Empty(w, w.retryNow(driver.DeliveryQuery{IDs: []string{"unknown"}, EventID: "unknown"}))
	require.Equal(w, claims[2].Delivery.ID, w.one().Delivery.ID)
}

func retryNowOfAHeldDeliveryLeavesItHeld(w *world) {
	one := w.waiting(1)[0]
	w.turn("a", driver.StatusPaused)
	require.Equal(w, []string{one.DeliveryID}, w.retryNow(driver.DeliveryQuery{States: []driver.State{driver.StateHeld}}))
	require.Equal(w, driver.StateHeld, w.delivery(one.DeliveryID).State)
	w.nothing()
	w.turn("a", driver.StatusActive)
	w.one()
}

func retryNowTakesAllFiltersAndComesInPages(w *world) {
	outcomes := w.waiting(10)
	require.Empty(w, w.retryNow(driver.DeliveryQuery{Subscription: "unknown"}))
	require.Empty(w, w.retryNow(driver.DeliveryQuery{States: deadOnes.States}))
	require.Equal(w, []string{outcomes[4].DeliveryID},
		w.retryNow(driver.DeliveryQuery{Subscription: "a", EventID: outcomes[4].EventID}))
	var got []string
	q := driver.DeliveryQuery{States: []driver.State{driver.StatePending}, Limit: 4}
	for range 10 {
		page := w.retryNow(q)
		require.LessOrEqual(w, len(page), q.Limit)
		got = append(got, page...)
		if len(page) < q.Limit {
			break
		}
		q.After = page[len(page)-1]
	}
	var want []string
	for i, o := range outcomes {
		if i != 4 {
			want = append(want, o.DeliveryID)
		}
	}
	require.Equal(w, want, got, "newest first, each once")
	w.take(10)
}

func retryNowReachesNoOtherOrg(w *world) {
	one := w.waiting(1)[0]
	for _, q := range []driver.DeliveryQuery{{Org: rival}, {Org: rival, IDs: []string{one.DeliveryID}},
		{Org: rival, Subscription: "a"}} {
		ids, err := w.RetryNow(w.ctx, q)
		require.NoError(w, err)
		require.Empty(w, ids)
	}
	w.nothing()
}

func retryNowByManyAtOnceHappensOnce(w *world) {
	w.waiting(20)
	done := parallel(8, func(int) []string {
		ids, err := w.RetryNow(w.ctx, driver.DeliveryQuery{Org: acme})
		if err != nil {
			return make([]string, 100)
		}
		return ids
	})
	total := 0
	for _, ids := range done {
		total += len(ids)
	}
	require.Equal(w, 20, total)
	w.take(20)
	w.nothing()
}

func retryNowWakesWhoWaits(w *world) {
	waiter, ok := w.waiter()
	if !ok {
		return
	}
	w.waiting(1)
	w.quiet(waiter)
	done := make(chan error, 1)
	go func() { done <- waiter.Wait(w.ctx) }()
	time.Sleep(10 * time.Millisecond)
	w.retryNow(driver.DeliveryQuery{})
	require.NoError(w, w.settledIn(done))
	w.one()
}
