package storetest

import (
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// What is in flight when Cancel comes ends with its attempt.
func endingCases() []func(*world) {
	return []func(*world){
		cancelMarksWhatIsInFlight,
		aMarkedDeliveryEndsCancelledUnlessItWasDelivered,
		aMarkedDeliveryKeepsAllElseOfItsOutcome,
		aRepeatedOutcomeOfAMarkedDeliverySaysSoAgain,
		aMarkedDeliveryWhoseLeaseRunsOutEnds,
		aMarkedDeliveryIsNotHurried,
		cancelLeavesTheNextDeliveryOfAnEventUnmarked,
	}
}

// marked returns the claim of a delivery that is cancelled while it is in flight.
func (w *world) marked() driver.Claim {
	w.Helper()
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	c := w.lease()
	require.Equal(w, []driver.Cancelled{{ID: c.Delivery.ID}}, w.cancel(driver.DeliveryQuery{}))
	return c
}

func cancelMarksWhatIsInFlight(w *world) {
	c := w.marked()
	d := w.only("evt_1")
	require.Equal(w, driver.StatePending, d.State)
	require.Equal(w, driver.ReasonCancelled, d.Reason)
	require.True(w, d.NextAt.IsZero(), "it is in flight")
	require.True(w, d.FinishedAt.IsZero())
	require.Empty(w, w.cancel(driver.DeliveryQuery{}), "it is marked already")
	require.Empty(w, w.replay(driver.DeliveryQuery{}), "it is unfinished")
	w.nothing()
	w.turn("a", driver.StatusPaused)
	require.Equal(w, driver.StateHeld, w.only("evt_1").State)
	require.Empty(w, w.cancel(driver.DeliveryQuery{}))
	require.True(w, w.settle(outcome(c, driver.StatePending, nil)).Cancelled)
	w.ended(d.ID)
}

func aMarkedDeliveryEndsCancelledUnlessItWasDelivered(w *world) {
	w.subscribe("a", "x")
	w.publishMany("evt_", 6, "x")
	claims := w.take(6)
	require.Len(w, w.cancel(driver.DeliveryQuery{}), 6)
	var batch []driver.Outcome
	for i, o := range []driver.Outcome{
		{State: driver.StatePending, Attempt: attempt(1, 503), After: w.moment},
		{State: driver.StatePending, Attempt: attempt(1, 503)},
		{State: driver.StatePending, Reason: "internal error"},
		{State: driver.StateDead, Attempt: attempt(1, 404), Reason: "status 404"},
		{State: driver.StateCancelled, Reason: "by its contract"},
		{State: driver.StateDelivered, Attempt: attempt(1, 200), Health: driver.HealthSuccess},
	} {
		made := outcome(claims[i], o.State, o.Attempt)
		made.After, made.Reason, made.Health = o.After, o.Reason, o.Health
		batch = append(batch, made)
	}
	w.publish("evt_other", "x")
	batch = append(batch, outcome(w.one(), driver.StateDead, attempt(1, 404)))
	for i, s := range w.settleAll(batch...) {
		require.True(w, s.Applied)
		require.Equal(w, i < 5, s.Cancelled, "outcome %d", i)
		if i < 5 {
			w.ended(batch[i].DeliveryID)
		}
	}
	require.Equal(w, driver.StateDelivered, w.delivery(batch[5].DeliveryID).State)
	require.Empty(w, w.delivery(batch[5].DeliveryID).Reason)
	require.Equal(w, driver.StateDead, w.delivery(batch[6].DeliveryID).State)
	w.pass(w.moment)
	w.nothing()
}

func aMarkedDeliveryKeepsAllElseOfItsOutcome(w *world) {
	c := w.marked()
	o := outcome(c, driver.StateDead, attempt(1, 404))
	o.Health = driver.HealthDead
	require.Equal(w, 1, w.settle(o).Health.ConsecutiveDead)
	require.Equal(w, 1, w.ended(c.Delivery.ID).Attempt)
	log := w.attempts(c.Delivery.ID)
	require.Len(w, log, 1)
	require.Equal(w, 404, log[0].StatusCode)
	require.Equal(w, 1, w.total("a").Failed)
	require.Equal(w, 1, w.health("a").ConsecutiveDead)
}

func aRepeatedOutcomeOfAMarkedDeliverySaysSoAgain(w *world) {
	c := w.marked()
	o := outcome(c, driver.StatePending, attempt(1, 503))
	w.settle(o)
	d := w.ended(c.Delivery.ID)
	for range 2 {
		require.True(w, w.settle(o).Cancelled)
	}
	require.Equal(w, d, w.delivery(d.ID))
	require.Len(w, w.attempts(d.ID), 1)
	require.Equal(w, 1, w.total("a").attempts())

	w.publish("evt_2", "x")
	c = w.one()
	w.cancel(driver.DeliveryQuery{})
	o = outcome(c, driver.StateDelivered, attempt(1, 200))
	for range 2 {
		require.False(w, w.settle(o).Cancelled)
	}
}

func aMarkedDeliveryWhoseLeaseRunsOutEnds(w *world) {
	c := w.marked()
	w.pass(w.moment)
	w.nothing()
	d := w.ended(c.Delivery.ID)
	log := w.attempts(d.ID)
	require.Len(w, log, 1)
	require.Equal(w, driver.ClassUnknown, log[0].ErrorClass)
	require.Equal(w, 1, log[0].N)
	require.Zero(w, d.Attempt)

	s := w.settleAll(outcome(c, driver.StateDelivered, attempt(1, 200)))[0]
	require.False(w, s.Applied, "it comes too late")
	require.False(w, s.Cancelled)
	require.Equal(w, d, w.delivery(d.ID))
	require.Len(w, w.attempts(d.ID), 2, "and is logged")
	require.Empty(w, w.cancel(driver.DeliveryQuery{}))
	require.Len(w, w.repeat(d.ID), 1, "what has ended can be repeated")
}

func aMarkedDeliveryIsNotHurried(w *world) {
	c := w.marked()
	require.Empty(w, w.retryNow(driver.DeliveryQuery{}))
	w.nothing()
	require.True(w, w.settle(outcome(c, driver.StateDead, attempt(1, 404))).Cancelled)
}

func cancelLeavesTheNextDeliveryOfAnEventUnmarked(w *world) {
	c := w.marked()
	w.settle(outcome(c, driver.StatePending, nil))
	made := w.repeat(c.Delivery.ID)[0].New
	again := w.one()
	require.Equal(w, made, again.Delivery.ID)
	require.False(w, w.settle(outcome(again, driver.StatePending, attempt(1, 503))).Cancelled)
	require.Equal(w, driver.StatePending, w.delivery(made).State)
	w.one()
}
