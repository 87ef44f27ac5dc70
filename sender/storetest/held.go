package storetest

import (
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func heldCases() []func(*world) {
	return []func(*world){
		heldIsHowPendingReadsWhileInactive,
		resumeMakesAllThatIsDueClaimable,
		resumeDoesNotHurryARetry,
		pauseStopsWhatWaits,
		pauseLeavesFlightsAlone,
	}
}

func heldIsHowPendingReadsWhileInactive(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	states := func(s ...driver.State) int { return len(w.deliveries(driver.DeliveryQuery{States: s})) }
	for _, status := range []driver.Status{driver.StatusPaused, driver.StatusDisabled, driver.StatusPendingTest} {
		w.turn("a", status)
		require.Equal(w, driver.StateHeld, w.only("evt_1").State, "while %s", status)
		require.Equal(w, 1, states(driver.StateHeld))
		require.Zero(w, states(driver.StatePending))
		require.Equal(w, 1, states(driver.StatePending, driver.StateHeld))

		w.turn("a", driver.StatusActive)
		require.Equal(w, driver.StatePending, w.only("evt_1").State)
		require.Zero(w, states(driver.StateHeld))
		require.Equal(w, 1, states(driver.StatePending))
	}
	w.finish(driver.StateDelivered)
	w.turn("a", driver.StatusPaused)
	require.Equal(w, driver.StateDelivered, w.only("evt_1").State, "finished is finished")
}

func resumeMakesAllThatIsDueClaimable(w *world) {
	r := record(acme, "a", "x")
	r.Status = driver.StatusPaused
	w.create(r)
	w.publishMany("evt_", 200, "x")
	w.nothing()
	w.turn("a", driver.StatusActive)
	w.take(200)
}

func resumeDoesNotHurryARetry(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	o := outcome(w.one(), driver.StatePending, attempt(1, 500))
	o.After = w.moment
	w.settle(o)
	w.turn("a", driver.StatusPaused)
	w.turn("a", driver.StatusActive)
	w.nothing()
	w.turn("a", driver.StatusPaused)
	w.pass(w.moment)
	w.nothing()
	w.turn("a", driver.StatusActive)
	require.Equal(w, 1, w.one().Delivery.Attempt)
}

func pauseStopsWhatWaits(w *world) {
	w.subscribe("a", "x")
	w.subscribe("b", "x")
	w.publishMany("evt_", 5, "x")
	w.turn("a", driver.StatusPaused)
	for _, c := range w.take(5) {
		require.Equal(w, "b", c.Delivery.SubscriptionID)
	}
	w.nothing()
}

func pauseLeavesFlightsAlone(w *world) {
	w.subscribe("a", "x")
	w.publishMany("evt_", 2, "x")
	claims := w.take(2)
	w.turn("a", driver.StatusPaused)
	w.settle(outcome(claims[0], driver.StateDelivered, attempt(1, 200)))
	w.settle(outcome(claims[1], driver.StatePending, attempt(1, 500)))
	w.nothing()
	require.Equal(w, driver.StateDelivered, w.delivery(claims[0].Delivery.ID).State)
	require.Equal(w, driver.StateHeld, w.delivery(claims[1].Delivery.ID).State)
}
