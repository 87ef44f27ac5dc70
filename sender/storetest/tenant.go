package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func tenantCases() []func(*world) {
	return []func(*world){
		aForeignEventIsAnUnknownOne,
		aForeignDeliveryIsAnUnknownOne,
		aForeignSubscriptionIsAnUnknownOne,
		aForeignOutcomeChangesNothing,
		aForeignCursorShowsNothing,
		twoOrgsMayUseTheSameIDs,
	}
}

// foreign makes a subscription and two deliveries of the other org, one dead and one in flight.
func (w *world) foreign() (dead driver.Delivery, flight driver.Claim) {
	w.Helper()
	w.create(record(rival, "theirs", "x"))
	w.enqueue(publication(rival, "evt_dead", "x"))
	c := w.one()
	w.settle(outcome(c, driver.StateDead, attempt(1, 500)))
	w.enqueue(publication(rival, "evt_flight", "x"))
	return c.Delivery, w.one()
}

func aForeignEventIsAnUnknownOne(w *world) {
	w.foreign()
	_, foreign := w.Event(w.ctx, acme, "evt_dead")
	require.ErrorIs(w, foreign, driver.ErrNotFound)
	require.Empty(w, w.deliveries(driver.DeliveryQuery{EventID: "evt_dead"}))
	w.subscribe("a", "x")
	require.Equal(w, 1, w.publish("evt_dead", "x").Deliveries, "its id is free here")
}

func aForeignDeliveryIsAnUnknownOne(w *world) {
	dead, _ := w.foreign()
	_, err := w.Attempts(w.ctx, acme, dead.ID)
	require.ErrorIs(w, err, driver.ErrNotFound)
	require.Empty(w, w.deliveries(driver.DeliveryQuery{}))
	require.Empty(w, w.deliveries(driver.DeliveryQuery{IDs: []string{dead.ID}}))
	require.Empty(w, w.repeat(dead.ID))
	require.Empty(w, w.replay(driver.DeliveryQuery{}))
	require.Len(w, w.deliveries(driver.DeliveryQuery{Org: rival}), 2, "nothing was made")
}

func aForeignSubscriptionIsAnUnknownOne(w *world) {
	w.foreign()
	require.Empty(w, w.deliveries(driver.DeliveryQuery{Subscription: "theirs"}))
	require.Empty(w, w.replay(driver.DeliveryQuery{Subscription: "theirs"}))
	require.Empty(w, w.listed(driver.SubscriptionQuery{Org: acme}))
	require.Empty(w, w.listed(driver.SubscriptionQuery{Org: acme, IDs: []string{"theirs"}}))
	require.ErrorIs(w, w.DeleteSubscription(w.ctx, acme, "theirs"), driver.ErrNotFound)
	_, err := w.Minutes(w.ctx, acme, "theirs", time.Hour)
	require.ErrorIs(w, err, driver.ErrNotFound)
	p := publication(acme, "evt_1")
	p.Only = "theirs"
	require.ErrorIs(w, w.enqueue(p)[0].Err, driver.ErrNotFound)

	theirs := w.subscription(rival, "theirs")
	mine := theirs
	mine.Org, mine.URL = acme, "https://example.com/stolen"
	_, err = w.PutSubscription(w.ctx, mine)
	require.ErrorIs(w, err, driver.ErrNotFound)
	require.Equal(w, theirs, w.subscription(rival, "theirs"))
}

func aForeignOutcomeChangesNothing(w *world) {
	_, flight := w.foreign()
	o := outcome(flight, driver.StateDelivered, attempt(1, 200))
	o.Org = acme
	require.False(w, w.settleAll(o)[0].Applied)
	log, err := w.Attempts(w.ctx, rival, flight.Delivery.ID)
	require.NoError(w, err)
	require.Empty(w, log)
	o.Org = rival
	w.settle(o)
}

func aForeignCursorShowsNothing(w *world) {
	dead, flight := w.foreign()
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	for _, id := range []string{dead.ID, flight.Delivery.ID} {
		list, err := w.Deliveries(w.ctx, driver.DeliveryQuery{Org: acme, After: id})
		if err != nil {
			require.ErrorIs(w, err, driver.ErrNotFound, "a store may refuse a cursor that it never gave out")
		}
		for _, d := range list {
			require.Equal(w, acme, d.Org)
		}
	}
}

func twoOrgsMayUseTheSameIDs(w *world) {
	for _, org := range []string{acme, rival} {
		w.create(record(org, "same", "x"))
		w.enqueue(publication(org, "evt_1", "x"))
	}
	for _, c := range w.take(2) {
		state := driver.StateDelivered
		if c.Delivery.Org == rival {
			state = driver.StateDead
		}
		o := outcome(c, state, attempt(1, 200))
		o.Health = driver.HealthDead
		require.Equal(w, 1, w.settle(o).Health.ConsecutiveDead)
	}
	require.NoError(w, w.DeleteSubscription(w.ctx, rival, "same"))
	require.Equal(w, []string{"same"}, w.listed(driver.SubscriptionQuery{Org: acme}))
	list := w.deliveries(driver.DeliveryQuery{})
	require.Len(w, list, 1)
	require.Equal(w, driver.StateDelivered, list[0].State)
	require.Equal(w, 1, w.total("same").Delivered)
	require.Zero(w, w.total("").Failed)
}
