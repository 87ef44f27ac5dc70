package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func leaseCases() []func(*world) {
	return []func(*world){
		aLeaseHoldsUntilItRunsOut,
		aLapsedLeaseIsTakenOver,
		aLapsedLeaseLeavesAnAttemptOfUnknownResult,
		aLapsedLeaseKeepsTheAttemptNumber,
		lapsesAddUp,
		aBornClaimedLeaseRunsOutToo,
		aLateSettleAppliesUntilSomebodyTookOver,
		aLateRetryWaitsLikeAnyOther,
		aLapsedLeaseOfAPausedSubscriptionWaits,
		aLapsedTestIsTakenOverWhateverTheStatus,
		aSettledLeaseDoesNotRunOut,
		aClaimSaysWhyItsDeliveryWaited,
	}
}

// lease claims the one delivery there is, for a moment.
func (w *world) lease() driver.Claim {
	w.Helper()
	r := request(1)
	r.Lease = w.moment
	got := w.gather(r, 1)
	require.Len(w, got, 1)
	return got[0]
}

func aClaimSaysWhyItsDeliveryWaited(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	first := w.one()
	require.Empty(w, first.Delivery.Reason)
	o := outcome(first, driver.StatePending, nil)
	o.Reason = "internal error, 3 times"
	w.settle(o)
	require.Equal(w, o.Reason, w.lease().Delivery.Reason)
	w.pass(w.moment)
	require.Equal(w, o.Reason, w.one().Delivery.Reason, "a lapsed lease too")
}

func aLeaseHoldsUntilItRunsOut(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	w.lease()
	w.nothing()
	w.pass(w.moment / 2)
	w.nothing()
	w.pass(w.moment - w.moment/2)
	w.one()
}

func aLapsedLeaseIsTakenOver(w *world) {
	stale, held := w.takenOver()
	require.Equal(w, stale.Delivery.ID, held.Delivery.ID)
	require.NotEqual(w, stale.Token, held.Token)
	require.Equal(w, 1, held.Lapses)
	w.nothing()
	w.settle(outcome(held, driver.StateDelivered, attempt(1, 200)))
	require.Equal(w, driver.StateDelivered, w.only("evt_1").State)
}

func aLapsedLeaseLeavesAnAttemptOfUnknownResult(w *world) {
	_, held := w.takenOver()
	log := w.attempts(held.Delivery.ID)
	require.Len(w, log, 1)
	require.Equal(w, 1, log[0].N)
	require.Equal(w, driver.ClassUnknown, log[0].ErrorClass)
	require.Zero(w, log[0].StatusCode)
	require.False(w, log[0].At.IsZero())
}

func aLapsedLeaseKeepsTheAttemptNumber(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	w.settle(outcome(w.one(), driver.StatePending, attempt(1, 500)))
	w.lease()
	w.pass(w.moment)
	c := w.one()
	require.Equal(w, 1, c.Delivery.Attempt, "the next is attempt 2, again")
	require.Equal(w, 1, w.only("evt_1").Attempt)
	w.settle(outcome(c, driver.StateDelivered, attempt(2, 200)))
	require.Equal(w, 2, w.only("evt_1").Attempt)

	var numbers []int
	for _, a := range w.attempts(c.Delivery.ID) {
		numbers = append(numbers, a.N)
	}
	require.Equal(w, []int{1, 2, 2}, numbers, "the lapsed one has the number that is used again")
}

func lapsesAddUp(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	for n := range 4 {
		require.Equal(w, n, w.lease().Lapses)
		w.pass(w.moment)
	}
	c := w.one()
	require.Equal(w, 4, c.Lapses)
	require.Len(w, w.attempts(c.Delivery.ID), 4)
}

func aBornClaimedLeaseRunsOutToo(w *world) {
	w.subscribe("a", "x")
	r := request(1)
	r.Lease = w.moment
	born := w.enqueueClaiming(r, publication(acme, "evt_1", "x"))
	w.pass(w.moment)
	require.Equal(w, len(born), w.one().Lapses)
}

func aLateSettleAppliesUntilSomebodyTookOver(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	c := w.lease()
	w.pass(w.moment)
	w.settle(outcome(c, driver.StateDelivered, attempt(1, 200)))
	require.Equal(w, driver.StateDelivered, w.only("evt_1").State, "no second request is needed to know it")
	require.Len(w, w.attempts(c.Delivery.ID), 1)
	w.nothing()
}

func aLateRetryWaitsLikeAnyOther(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	o := outcome(w.lease(), driver.StatePending, attempt(1, 500))
	w.pass(w.moment)
	o.After = w.moment
	w.settle(o)
	w.nothing()
	w.pass(w.moment)
	c := w.one()
	require.Zero(w, c.Lapses)
	require.Equal(w, 1, c.Delivery.Attempt)
}

func aLapsedLeaseOfAPausedSubscriptionWaits(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	w.lease()
	w.turn("a", driver.StatusPaused)
	w.pass(w.moment)
	w.nothing()
	w.turn("a", driver.StatusActive)
	require.Equal(w, 1, w.one().Lapses)
}

func aLapsedTestIsTakenOverWhateverTheStatus(w *world) {
	r := record(acme, "a", "x")
	r.Status = driver.StatusPendingTest
	w.create(r)
	p := publication(acme, "evt_1")
	p.Only = "a"
	w.enqueue(p)
	w.lease()
	w.pass(w.moment)
	require.Equal(w, 1, w.one().Lapses)
}

func aSettledLeaseDoesNotRunOut(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	o := outcome(w.lease(), driver.StatePending, attempt(1, 500))
	o.After = 2 * w.moment
	w.settle(o)
	w.pass(w.moment)
	w.nothing()
	if !w.canPass(time.Hour) {
		return
	}
	w.pass(w.moment)
	c := w.one()
	require.Zero(w, c.Lapses)
	require.Len(w, w.attempts(c.Delivery.ID), 1)
	w.settle(outcome(c, driver.StateDelivered, nil))
	w.pass(time.Hour)
	w.nothing()
}
