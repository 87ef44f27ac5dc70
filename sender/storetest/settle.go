package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func settleCases() []func(*world) {
	return []func(*world){
		settleEndsADelivery,
		settleOfNothingDoesNothing,
		aRetryIsDueByTheStoresClock,
		aRetryOfHoursIsDueByTheStoresClock,
		aRetryWithoutWaitIsDueAtOnce,
		aReleaseCostsNoAttempt,
		settleRaisesTheAttemptNumber,
		anUnknownResultKeepsTheAttemptNumber,
		settleTakesManyAtOnce,
		settleOfAnUnknownDeliveryChangesNothing,
		settleOfAnUnclaimedDeliveryChangesNothing,
		settleWithAnotherDeliverysTokenChangesNothing,
		settleOfAGoneSubscriptionStillApplies,
	}
}

func settleEndsADelivery(w *world) {
	w.subscribe("a", "x")
	for _, state := range []driver.State{driver.StateDelivered, driver.StateDead, driver.StateCancelled} {
		id := "evt_" + string(state)
		w.publish(id, "x")
		o := outcome(w.one(), state, attempt(1, 204))
		o.Reason = "because " + string(state)
		w.settle(o)

		d := w.only(id)
		require.Equal(w, state, d.State)
		require.Equal(w, o.Reason, d.Reason)
		require.Equal(w, 1, d.Attempt)
		require.False(w, d.FinishedAt.IsZero())
		require.False(w, d.FinishedAt.Before(d.CreatedAt))
		require.True(w, d.NextAt.IsZero())
		w.nothing()
	}
}

func settleOfNothingDoesNothing(w *world) {
	require.Empty(w, w.settleAll())
}

func aRetryIsDueByTheStoresClock(w *world) { w.retryAfter(w.moment) }

func aRetryOfHoursIsDueByTheStoresClock(w *world) {
	if w.canPass(15 * time.Hour) {
		w.retryAfter(15 * time.Hour)
	}
}

func (w *world) retryAfter(wait time.Duration) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	o := outcome(w.one(), driver.StatePending, attempt(1, 503))
	o.After, o.Reason = wait, "http_503"
	w.settle(o)

	d := w.only("evt_1")
	require.Equal(w, driver.StatePending, d.State)
	require.Equal(w, "http_503", d.Reason)
	require.Equal(w, 1, d.Attempt)
	require.True(w, d.FinishedAt.IsZero())
	require.False(w, d.NextAt.Before(d.CreatedAt.Add(wait)), "NextAt is the moment it is due")

	w.nothing()
	w.pass(wait / 2)
	w.nothing()
	w.pass(wait - wait/2)
	c := w.one()
	require.Equal(w, 1, c.Delivery.Attempt, "the next is attempt 2")
	require.Zero(w, c.Lapses)
}

func aRetryWithoutWaitIsDueAtOnce(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	w.settle(outcome(w.one(), driver.StatePending, attempt(1, 503)))
	require.False(w, w.only("evt_1").NextAt.IsZero())
	w.one()
}

func aReleaseCostsNoAttempt(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	for range 3 {
		c := w.one()
		w.settle(outcome(c, driver.StatePending, nil))
	}
	c := w.one()
	require.Zero(w, c.Delivery.Attempt)
	require.Zero(w, c.Lapses)
	require.Empty(w, w.attempts(c.Delivery.ID))
}

func settleRaisesTheAttemptNumber(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	for n := 1; n <= 3; n++ {
		c := w.one()
		require.Equal(w, n-1, c.Delivery.Attempt)
		w.settle(outcome(c, driver.StatePending, attempt(n, 500)))
		require.Equal(w, n, w.only("evt_1").Attempt)
	}
	a := attempt(4, 0)
	a.ErrorClass = driver.ClassTimeout
	w.settle(outcome(w.one(), driver.StateDead, a))
	require.Equal(w, 4, w.only("evt_1").Attempt, "no status came, but it was an attempt")
}

func anUnknownResultKeepsTheAttemptNumber(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	a := attempt(1, 0)
	a.ErrorClass = driver.ClassUnknown
	c := w.one()
	w.settle(outcome(c, driver.StatePending, a))
	require.Zero(w, w.only("evt_1").Attempt)
	require.Zero(w, w.one().Delivery.Attempt, "its number is used again")
	require.Len(w, w.attempts(c.Delivery.ID), 1, "but it is in the log")
}

func settleTakesManyAtOnce(w *world) {
	w.subscribe("a", "x")
	w.publishMany("evt_", 100, "x")
	var outcomes []driver.Outcome
	want := map[string]driver.State{}
	for i, c := range w.take(100) {
		state := []driver.State{driver.StateDelivered, driver.StateDead, driver.StatePending, driver.StateCancelled}[i%4]
		o := outcome(c, state, attempt(1, 200))
		o.After = time.Hour
		outcomes = append(outcomes, o)
		want[c.Delivery.ID] = state
	}
	for _, s := range w.settleAll(outcomes...) {
		require.True(w, s.Applied)
	}
	for _, d := range w.deliveries(driver.DeliveryQuery{Limit: 100}) {
		require.Equal(w, want[d.ID], d.State)
	}
}

func settleOfAnUnknownDeliveryChangesNothing(w *world) {
	w.subscribe("a", "x")
	w.publishMany("evt_", 2, "x")
	claims := w.take(2)
	unknown := outcome(claims[0], driver.StateDelivered, attempt(1, 200))
	unknown.DeliveryID, unknown.Ref = "00000000000000000000000000", nil
	settled := w.settleAll(unknown, outcome(claims[1], driver.StateDelivered, attempt(1, 200)))
	require.False(w, settled[0].Applied)
	require.True(w, settled[1].Applied, "the others of the batch apply")
	require.Equal(w, driver.StatePending, w.delivery(claims[0].Delivery.ID).State)
}

func settleOfAnUnclaimedDeliveryChangesNothing(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	before := w.only("evt_1")
	for _, token := range []string{"", "0", "1", "-1", "zzzzzz", "00000000-0000-0000-0000-000000000000", "'; --"} {
		for _, state := range []driver.State{driver.StatePending, driver.StateDelivered} {
			s := w.settleAll(driver.Outcome{
				Org: acme, DeliveryID: before.ID, Token: token, EventID: "evt_1", Subscription: "a", State: state, After: time.Hour,
			})
			require.False(w, s[0].Applied, "token %q", token)
			require.Equal(w, before, w.only("evt_1"))
		}
	}
	w.one()
}

func settleWithAnotherDeliverysTokenChangesNothing(w *world) {
	w.subscribe("a", "x")
	w.publishMany("evt_", 2, "x")
	one, two := w.take(1)[0], w.one()
	o := outcome(one, driver.StateDelivered, nil)
	o.Token = two.Token
	require.False(w, w.settleAll(o)[0].Applied)
	o.Token = "no token of this store"
	require.False(w, w.settleAll(o)[0].Applied)
	o.Token = ""
	require.False(w, w.settleAll(o)[0].Applied)
	require.Equal(w, driver.StatePending, w.delivery(one.Delivery.ID).State)
	w.settle(outcome(one, driver.StateDelivered, nil))
	w.settle(outcome(two, driver.StateDelivered, nil))
}

func settleOfAGoneSubscriptionStillApplies(w *world) {
	for _, state := range []driver.State{driver.StateDelivered, driver.StateDead, driver.StatePending} {
		id := string(state)
		w.subscribe(id, id)
		w.publish("evt_"+id, id)
		c := w.one()
		require.NoError(w, w.DeleteSubscription(w.ctx, acme, id))
		o := outcome(c, state, attempt(1, 200))
		o.Health = driver.HealthDead
		require.True(w, w.settleAll(o)[0].Applied)
		require.Len(w, w.attempts(c.Delivery.ID), 1)
		if state == driver.StatePending {
			state = driver.StateCancelled // there is nobody to try again
		}
		w.purgeNothing()
		require.Equal(w, state, w.delivery(c.Delivery.ID).State)
		w.nothing()
	}
}
