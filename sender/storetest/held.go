package storetest

import (
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
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
	states := func(s ...sender.State) int { return len(w.deliveries(sender.DeliveryQuery{States: s})) }
	for _, status := range []sender.Status{sender.StatusPaused, sender.StatusDisabled, sender.StatusPendingTest} {
		w.turn("a", status)
		require.Equal(w, sender.StateHeld, w.only("evt_1").State, "while %s", status)
		require.Equal(w, 1, states(sender.StateHeld))
		require.Zero(w, states(sender.StatePending))
		require.Equal(w, 1, states(sender.StatePending, sender.StateHeld))

		w.turn("a", sender.StatusActive)
		require.Equal(w, sender.StatePending, w.only("evt_1").State)
		require.Zero(w, states(sender.StateHeld))
		require.Equal(w, 1, states(sender.StatePending))
	}
	w.finish(sender.StateDelivered)
	w.turn("a", sender.StatusPaused)
	require.Equal(w, sender.StateDelivered, w.only("evt_1").State, "finished is finished")
}

func resumeMakesAllThatIsDueClaimable(w *world) {
	r := record(acme, "a", "x")
	r.Status = sender.StatusPaused
	w.create(r)
	w.publishMany("evt_", 200, "x")
	w.nothing()
	w.turn("a", sender.StatusActive)
	w.take(200)
}

func resumeDoesNotHurryARetry(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	o := outcome(w.one(), sender.StatePending, attempt(1, 500))
	o.After = w.moment
	w.settle(o)
	w.turn("a", sender.StatusPaused)
	w.turn("a", sender.StatusActive)
	w.nothing()
	w.turn("a", sender.StatusPaused)
	w.pass(w.moment)
	w.nothing()
	w.turn("a", sender.StatusActive)
	require.Equal(w, 1, w.one().Delivery.Attempt)
}

func pauseStopsWhatWaits(w *world) {
	w.subscribe("a", "x")
	w.subscribe("b", "x")
	w.publishMany("evt_", 5, "x")
	w.turn("a", sender.StatusPaused)
	for _, c := range w.take(5) {
		require.Equal(w, "b", c.Delivery.SubscriptionID)
	}
	w.nothing()
}

func pauseLeavesFlightsAlone(w *world) {
	w.subscribe("a", "x")
	w.publishMany("evt_", 2, "x")
	claims := w.take(2)
	w.turn("a", sender.StatusPaused)
	w.settle(outcome(claims[0], sender.StateDelivered, attempt(1, 200)))
	w.settle(outcome(claims[1], sender.StatePending, attempt(1, 500)))
	w.nothing()
	require.Equal(w, sender.StateDelivered, w.delivery(claims[0].Delivery.ID).State)
	require.Equal(w, sender.StateHeld, w.delivery(claims[1].Delivery.ID).State)
}
