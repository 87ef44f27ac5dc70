package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func eraseCases() []func(*world) {
	return []func(*world){
		eraseOfAnUnknownOrgIsNothing,
		eraseLeavesNothingOfAnOrg,
		eraseKeepsToItsLimit,
		eraseLeavesOtherOrgsAlone,
		outcomesOfAnErasedOrgChangeNothing,
		anErasedOrgMayBeginAnew,
	}
}

// erase calls Erase until it has nothing left to do, as its caller must, and returns how many rows went.
func (w *world) erase(org string) (rows int) {
	w.Helper()
	for range 1000 {
		n, err := w.Erase(w.ctx, org, 1000)
		require.NoError(w, err)
		if n == 0 {
			return rows
		}
		rows += n
	}
	require.FailNow(w, "Erase never comes to an end")
	return rows
}

// lived makes what an org can have: deliveries that are delivered, dead, cancelled, waiting, in flight and held, a
// replay, attempts, minutes, an event that nobody wanted, a subscription that is gone.
func (w *world) lived() (inFlight driver.Claim) {
	w.Helper()
	w.subscribe("a", "x")
	for i, state := range []driver.State{driver.StateDelivered, driver.StateDead, driver.StateCancelled} {
		w.publish("evt_"+string(state), "x")
		if d := w.finish(state); i == 1 {
			w.repeat(d.ID)
			w.finish(driver.StateDead)
		}
	}
	w.publish("evt_waiting", "x")
	o := outcome(w.one(), driver.StatePending, attempt(1, 500))
	o.After = time.Hour
	w.settle(o)
	w.publish("evt_flight", "x")
	inFlight = w.one()
	w.subscribe("gone", "y")
	w.publish("evt_gone", "y")
	require.NoError(w, w.DeleteSubscription(w.ctx, acme, "gone"))
	w.subscribe("held", "z")
	w.turn("held", driver.StatusPaused)
	w.publish("evt_held", "z")
	w.publish("evt_nobody", "nobody")
	return inFlight
}

// requireNothing demands that an org has nothing that can be seen.
func (w *world) requireNothing(org string) {
	w.Helper()
	require.Empty(w, w.listed(driver.SubscriptionQuery{Org: org}))
	require.Empty(w, w.deliveries(driver.DeliveryQuery{Org: org}))
	require.Empty(w, w.events(driver.EventQuery{Org: org}))
	minutes, err := w.Minutes(w.ctx, org, "", time.Hour)
	require.NoError(w, err)
	require.Empty(w, minutes)
}

func eraseOfAnUnknownOrgIsNothing(w *world) {
	require.Zero(w, w.erase("org_unknown"))
}

func eraseLeavesNothingOfAnOrg(w *world) {
	flight := w.lived()
	require.NotZero(w, w.erase(acme))
	w.requireNothing(acme)
	w.nothing()
	_, err := w.Event(w.ctx, acme, "evt_delivered")
	require.ErrorIs(w, err, driver.ErrNotFound)
	_, err = w.Attempts(w.ctx, acme, flight.Delivery.ID)
	require.ErrorIs(w, err, driver.ErrNotFound)
	require.Zero(w, w.erase(acme))
	require.Zero(w, w.purge(driver.PurgeRequest{Limit: 100}), "nothing is left to purge either")
}

func eraseKeepsToItsLimit(w *world) {
	w.subscribe("a", "x")
	w.publishMany("evt_", 60, "x")
	steps := 0
	for range 1000 {
		n, err := w.Erase(w.ctx, acme, 10)
		require.NoError(w, err)
		if n == 0 {
			break
		}
		require.LessOrEqual(w, n, 20, "about as many as asked for")
		w.nothing()
		steps++
	}
	require.Greater(w, steps, 5)
	w.requireNothing(acme)
}

func eraseLeavesOtherOrgsAlone(w *world) {
	w.foreign()
	w.lived()
	w.erase(acme)
	require.Len(w, w.deliveries(driver.DeliveryQuery{Org: rival}), 2)
	require.Len(w, w.events(driver.EventQuery{Org: rival}), 2)
	require.Len(w, w.listed(driver.SubscriptionQuery{Org: rival}), 1)
	w.enqueue(publication(rival, "evt_more", "x"))
	require.Equal(w, "evt_more", w.one().Delivery.EventID)
}

func outcomesOfAnErasedOrgChangeNothing(w *world) {
	flight := w.lived()
	w.erase(acme)
	settled := w.settleAll(outcome(flight, driver.StateDead, attempt(1, 500)))[0]
	require.False(w, settled.Applied)
	w.requireNothing(acme)
}

func anErasedOrgMayBeginAnew(w *world) {
	w.lived()
	w.erase(acme)
	w.subscribe("a", "x")
	require.Equal(w, 1, w.publish("evt_delivered", "x").Deliveries, "its id is free again")
	require.Equal(w, driver.StateDelivered, w.finish(driver.StateDelivered).State)
	require.Len(w, w.deliveries(driver.DeliveryQuery{}), 1)
}
