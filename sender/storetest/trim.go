package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func trimCases() []func(*world) {
	return []func(*world){
		purgeTrimsTheOldestHeldBeyondTheMaximum,
		purgeTrimsHeldBeyondTheAge,
		purgeTrimsNothingOfActiveSubscriptions,
		purgeTrimsNoFlightsAndNoTests,
		purgeTrimsNoMoreThanItsLimit,
		aLateOutcomeOfATrimmedDeliveryIsOnlyLogged,
	}
}

func purgeTrimsTheOldestHeldBeyondTheMaximum(w *world) {
	all := w.logOf(10)
	c := w.take(2)
	w.settle(outcome(c[0], driver.StatePending, attempt(1, 500)))
	o := outcome(c[1], driver.StatePending, attempt(1, 500))
	o.After = time.Hour
	w.settle(o)
	w.turn("a", driver.StatusPaused)

	r := keepAll()
	r.HeldMax = 4
	require.Equal(w, driver.Purged{Held: 6}, w.purge(r))
	for i, id := range all {
		d := w.delivery(id)
		if i < 4 {
			require.Equal(w, driver.StateHeld, d.State, "among the newest")
			continue
		}
		require.Equal(w, driver.StateCancelled, d.State)
		require.False(w, d.FinishedAt.IsZero())
	}
	require.Zero(w, w.purge(r))
	w.turn("a", driver.StatusActive)
	w.take(4)
	w.nothing()
}

func purgeTrimsHeldBeyondTheAge(w *world) {
	w.subscribe("a", "x")
	w.turn("a", driver.StatusPaused)
	w.publishMany("old_", 3, "x")
	w.pass(w.moment)
	w.publishMany("young_", 2, "x")
	r := keepAll()
	r.HeldAge = w.moment
	require.Equal(w, driver.Purged{Held: 3}, w.purge(r))
	w.turn("a", driver.StatusActive)
	require.ElementsMatch(w, []string{"young_00000", "young_00001"}, eventIDs(w.take(2)))
	w.nothing()
}

func purgeTrimsNothingOfActiveSubscriptions(w *world) {
	w.subscribe("a", "x")
	w.publishMany("evt_", 5, "x")
	w.pass(w.moment)
	r := keepAll()
	r.HeldAge, r.HeldMax = 0, 0
	require.Zero(w, w.purge(r))
	w.take(5)
}

func purgeTrimsNoFlightsAndNoTests(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	c := w.one()
	w.turn("a", driver.StatusPaused)
	p := publication(acme, "test")
	p.Only = "a"
	w.enqueue(p)
	r := keepAll()
	r.HeldAge, r.HeldMax = 0, 0
	require.Zero(w, w.purge(r))
	w.settle(outcome(c, driver.StateDelivered, attempt(1, 200)))
	require.Equal(w, "test", w.one().Delivery.EventID)
}

func purgeTrimsNoMoreThanItsLimit(w *world) {
	w.subscribe("a", "x")
	w.turn("a", driver.StatusPaused)
	w.publishMany("evt_", 30, "x")
	r := keepAll()
	r.HeldMax, r.Limit = 1, 10
	p, err := w.Purge(w.ctx, r)
	require.NoError(w, err)
	require.Positive(w, p.Held)
	require.LessOrEqual(w, p.Held, 20, "about the limit")
	require.Equal(w, 29, p.Held+w.purge(r).Held)
}

func aLateOutcomeOfATrimmedDeliveryIsOnlyLogged(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	late := w.lease()
	w.turn("a", driver.StatusPaused)
	w.pass(2 * w.moment)
	r := keepAll()
	r.HeldMax = 0
	if w.purge(r).Held == 0 {
		return // a store need not notice a lapsed lease before somebody takes over
	}
	for _, state := range []driver.State{driver.StatePending, driver.StateDelivered} {
		require.False(w, w.settleAll(outcome(late, state, attempt(1, 200)))[0].Applied)
	}
	require.Equal(w, driver.StateCancelled, w.delivery(late.Delivery.ID).State)
	require.Len(w, w.attempts(late.Delivery.ID), 1)
}
