package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// A clock that jumps back strands nothing: neither a lease nor a wait lasts longer than it was asked for, but for a
// minute or so. Whether a store takes them for over at once or lets them go on is its own.
func clockCases() []func(*world) {
	return []func(*world){
		aLeaseOutlivesNoClockThatJumpsBack,
		aBornClaimedLeaseOutlivesNoClockThatJumpsBack,
		aWaitOutlivesNoClockThatJumpsBack,
		manyWaitsOutliveNoClockThatJumpsBack,
		aClockThatStepsBackTakesNothingAway,
		healthNeverFailsForLessThanNoTime,
		whatIsMadeAfterAJumpIsDueAtOnce,
	}
}

const (
	aDay  = 24 * time.Hour
	slack = time.Minute // by which a store may be off after a jump
)

// jumpBack moves the clock back by a day, if it can be moved.
func (w *world) jumpBack() bool {
	w.Helper()
	if !w.canPass(aDay) {
		return false
	}
	w.pass(-aDay)
	w.publish("after the jump", "nobody's topic") // a store that finds out by itself does so now
	return true
}

func aLeaseOutlivesNoClockThatJumpsBack(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	stale := w.lease()
	if !w.jumpBack() {
		return
	}
	w.pass(w.moment + 2*slack)
	held := w.one()
	require.Equal(w, stale.Delivery.ID, held.Delivery.ID)
	require.Equal(w, 1, held.Lapses)
	require.False(w, w.settleAll(outcome(stale, driver.StateDead, nil))[0].Applied)
	w.settle(outcome(held, driver.StateDelivered, attempt(1, 200)))
}

func aBornClaimedLeaseOutlivesNoClockThatJumpsBack(w *world) {
	w.subscribe("a", "x")
	r := request(1)
	r.Lease = w.moment
	born := w.enqueueClaiming(r, publication(acme, "evt_1", "x"))
	if !w.jumpBack() {
		return
	}
	w.pass(w.moment + 2*slack)
	require.Equal(w, len(born), w.one().Lapses)
}

func aWaitOutlivesNoClockThatJumpsBack(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	const wait = time.Hour
	o := outcome(w.one(), driver.StatePending, attempt(1, 500))
	o.After = wait
	w.settle(o)
	if !w.jumpBack() {
		return
	}
	w.pass(wait + 2*slack)
	c := w.one()
	require.Zero(w, c.Lapses)
	require.Equal(w, 1, c.Delivery.Attempt)
}

func manyWaitsOutliveNoClockThatJumpsBack(w *world) {
	if !w.canPass(aDay) {
		return
	}
	w.subscribe("a", "x")
	const n, wait = 300, time.Hour
	w.publishMany("before_", n, "x")
	w.wait(n, wait)
	w.pass(-aDay)
	w.publishMany("after_", 1, "x")
	w.settle(outcome(w.take(1)[0], driver.StateDelivered, attempt(1, 200))) // whichever comes first
	w.pass(wait + 2*slack)
	require.Len(w, w.gather(request(n), n), n)
}

// wait claims n deliveries and settles them as due after a while.
func (w *world) wait(n int, after time.Duration) {
	w.Helper()
	var outcomes []driver.Outcome
	for _, c := range w.take(n) {
		o := outcome(c, driver.StatePending, attempt(1, 500))
		o.After = after
		outcomes = append(outcomes, o)
	}
	w.settleAll(outcomes...)
}

func aClockThatStepsBackTakesNothingAway(w *world) {
	if !w.canPass(time.Hour) {
		return
	}
	w.subscribe("a", "x")
	w.publish("leased", "x")
	leased := w.one()
	w.publish("waiting", "x")
	w.wait(1, time.Hour)
	for range 3 {
		w.pass(-time.Second)
		w.nothing()
	}
	w.settle(outcome(leased, driver.StateDelivered, attempt(1, 200)))
	require.Len(w, w.attempts(leased.Delivery.ID), 1)
}

func healthNeverFailsForLessThanNoTime(w *world) {
	w.subscribe("a", "x")
	w.judged(driver.HealthDead)
	if !w.jumpBack() {
		return
	}
	require.GreaterOrEqual(w, w.judged(driver.HealthDead)[0].Health.FailingFor, time.Duration(0))
	require.GreaterOrEqual(w, w.health("a").FailingFor, time.Duration(0))
}

func whatIsMadeAfterAJumpIsDueAtOnce(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	old := w.finish(driver.StateDead)
	if !w.jumpBack() {
		return
	}
	w.publish("evt_2", "x")
	require.Equal(w, "evt_2", w.one().Delivery.EventID)
	w.replay(driver.DeliveryQuery{IDs: []string{old.ID}})
	c := w.one()
	require.Equal(w, "evt_1", c.Delivery.EventID)
	w.settle(outcome(c, driver.StatePending, attempt(1, 500)))
	w.one()
	w.purge(keepAll())
}
