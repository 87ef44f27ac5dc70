package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func repeatCases() []func(*world) {
	return []func(*world){
		settleRepeatedAppliesAndWritesNothing,
		settleRepeatedDoesNotPutARetryOff,
		settleTwiceInOneBatchAppliesTheFirst,
		settleWithAStaleTokenChangesNothing,
		settleWithAStaleTokenIsLoggedOnce,
		settleOfAReleasedDeliveryIsStaleOnceAnotherHoldsIt,
		anotherOutcomeUnderAUsedTokenChangesNothing,
	}
}

func settleRepeatedAppliesAndWritesNothing(w *world) {
	w.subscribe("a", "x")
	for _, state := range []driver.State{driver.StateDead, driver.StateDelivered} {
		w.publish("evt_"+string(state), "x")
		c := w.one()
		o := outcome(c, state, attempt(1, 500))
		if state == driver.StateDead {
			o.Health = driver.HealthDead
		}
		first := w.settle(o)
		d := w.delivery(c.Delivery.ID)
		for range 2 {
			again := w.settle(o)
			require.Equal(w, first.Health.ConsecutiveDead, again.Health.ConsecutiveDead)
		}
		require.Len(w, w.attempts(c.Delivery.ID), 1)
		require.Equal(w, d, w.delivery(c.Delivery.ID))
	}
	require.Equal(w, 2, w.total("a").attempts())
}

func settleRepeatedDoesNotPutARetryOff(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	o := outcome(w.one(), driver.StatePending, attempt(1, 503))
	o.After = w.moment
	w.settle(o)
	due := w.only("evt_1").NextAt
	w.pass(w.moment / 2)
	w.settle(o)
	require.Equal(w, due, w.only("evt_1").NextAt)
	w.pass(w.moment / 2)
	c := w.one()
	require.Len(w, w.attempts(c.Delivery.ID), 1)
}

func settleTwiceInOneBatchAppliesTheFirst(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	c := w.one()
	settled := w.settleAll(outcome(c, driver.StateDelivered, attempt(1, 200)),
		outcome(c, driver.StateDead, attempt(1, 500)))
	require.True(w, settled[0].Applied)
	require.False(w, settled[1].Applied)
	require.Equal(w, driver.StateDelivered, w.only("evt_1").State)
}

// takenOver returns a claim whose lease ran out and the claim that took the delivery over.
func (w *world) takenOver() (stale, held driver.Claim) {
	w.Helper()
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	r := request(1)
	r.Lease = w.moment
	got := w.gather(r, 1)
	require.Len(w, got, 1)
	w.pass(w.moment)
	return got[0], w.one()
}

func settleWithAStaleTokenChangesNothing(w *world) {
	stale, held := w.takenOver()
	before := w.only("evt_1")
	for _, state := range []driver.State{driver.StateDelivered, driver.StateDead, driver.StateCancelled,
		driver.StatePending} {
		o := outcome(stale, state, nil)
		o.Health = driver.HealthDead
		s := w.settleAll(o)[0]
		require.False(w, s.Applied)
		require.Zero(w, s.Health)
		require.Equal(w, before, w.only("evt_1"))
	}
	require.Zero(w, w.total("a").attempts())
	w.nothing()
	w.settle(outcome(held, driver.StateDelivered, attempt(1, 200)))
	require.False(w, w.settleAll(outcome(stale, driver.StateDead, nil))[0].Applied)
	require.Equal(w, driver.StateDelivered, w.only("evt_1").State)
}

func settleWithAStaleTokenIsLoggedOnce(w *world) {
	stale, held := w.takenOver()
	late := outcome(stale, driver.StateDelivered, attempt(1, 201))
	for range 3 {
		require.False(w, w.settleAll(late)[0].Applied)
	}
	w.settle(outcome(held, driver.StateDelivered, attempt(1, 202)))
	require.False(w, w.settleAll(late)[0].Applied)

	var seen []int
	for _, a := range w.attempts(stale.Delivery.ID) {
		require.Equal(w, 1, a.N)
		seen = append(seen, a.StatusCode)
	}
	require.Equal(w, []int{0, 201, 202}, seen, "lapsed, late, settled")
}

func settleOfAReleasedDeliveryIsStaleOnceAnotherHoldsIt(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	first := outcome(w.one(), driver.StatePending, attempt(1, 500))
	w.settle(first)
	held := w.one()
	require.False(w, w.settleAll(first)[0].Applied)
	require.Len(w, w.attempts(held.Delivery.ID), 1)
	w.settle(outcome(held, driver.StateDelivered, attempt(2, 200)))
}

func anotherOutcomeUnderAUsedTokenChangesNothing(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	c := w.one()
	o := outcome(c, driver.StatePending, attempt(1, 500))
	o.After = time.Hour
	w.settle(o)
	require.False(w, w.settleAll(outcome(c, driver.StateDelivered, attempt(1, 200)))[0].Applied)
	require.Equal(w, driver.StatePending, w.only("evt_1").State)
	require.Len(w, w.attempts(c.Delivery.ID), 1, "one token, one attempt")
}
