package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func backlogCases() []func(*world) {
	return []func(*world){
		theOldestDueOfAllOrgsIsTold,
		whatIsInFlightOrHeldIsNotDue,
		aRetryIsDueWhenItsWaitIsOver,
		aLapsedLeaseIsDueAgain,
		aDueTestOfAnInactiveSubscriptionCounts,
	}
}

// oldest demands that the oldest due delivery has waited for age, give or take what a slow store needs.
func (w *world) oldest(age time.Duration, why string) {
	w.Helper()
	backlog, ok := w.backlog()
	if !ok {
		w.Logf("not run: the store is no driver.Backlog")
		return
	}
	got, err := backlog.OldestDue(w.ctx)
	require.NoError(w, err)
	if age == 0 {
		require.Zero(w, got, why)
		return
	}
	require.GreaterOrEqual(w, got, age-time.Millisecond, why)
	if w.moves {
		require.Less(w, got, age+w.moment/2, why)
	}
}

func theOldestDueOfAllOrgsIsTold(w *world) {
	w.oldest(0, "an empty store")
	w.subscribe("a", "x")
	w.subscribe("b", "y")
	w.create(record(rival, "r", "x"))
	w.enqueue(publication(rival, "evt_0", "x"))
	w.pass(w.moment)
	w.publish("evt_1", "x")
	w.publish("evt_2", "y")
	w.oldest(w.moment, "another org's is the oldest")
	for _, c := range w.take(3) {
		if c.Delivery.Org == rival {
			w.settle(outcome(c, driver.StateDelivered, nil))
		} else {
			w.settle(outcome(c, driver.StatePending, nil))
		}
	}
	w.pass(w.moment)
	w.oldest(w.moment, "what was given back is due since then, or before")
}

func whatIsInFlightOrHeldIsNotDue(w *world) {
	w.subscribe("a", "x")
	w.subscribe("b", "y")
	w.publishMany("x_", 3, "x")
	w.publish("evt_y", "y")
	w.pass(w.moment)
	w.turn("b", driver.StatusPaused)
	w.oldest(w.moment, "three of a")
	claims := w.take(3)
	w.oldest(0, "the rest is in flight or held")
	w.settle(outcome(claims[0], driver.StateDead, nil))
	w.oldest(0, "one is dead")
	w.turn("b", driver.StatusActive)
	w.oldest(w.moment, "no longer held")
	require.NoError(w, w.DeleteSubscription(w.ctx, acme, "b"))
	w.oldest(0, "its subscription is gone")
}

func aRetryIsDueWhenItsWaitIsOver(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	o := outcome(w.one(), driver.StatePending, attempt(1, 500))
	o.After = w.moment
	w.settle(o)
	w.oldest(0, "it waits")
	w.pass(2 * w.moment)
	w.oldest(w.moment, "its wait is over, though nobody claimed since")
	w.turn("a", driver.StatusPaused)
	w.oldest(0, "it is held")
}

func aLapsedLeaseIsDueAgain(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	r := request(1)
	r.Lease = w.moment
	require.Len(w, w.gather(r, 1), 1)
	w.oldest(0, "it is in flight")
	w.pass(2 * w.moment)
	backlog, ok := w.backlog()
	if !ok {
		return
	}
	age, err := backlog.OldestDue(w.ctx)
	require.NoError(w, err)
	require.GreaterOrEqual(w, age, w.moment-time.Millisecond, "the lease ran out")
}

func aDueTestOfAnInactiveSubscriptionCounts(w *world) {
	w.subscribe("a", "x")
	w.turn("a", driver.StatusPaused)
	p := publication(acme, "evt_test", "x")
	p.Event.Test, p.Only = true, "a"
	require.NoError(w, w.enqueue(p)[0].Err)
	w.pass(w.moment)
	w.oldest(w.moment, "tests are made whatever the status")
}
