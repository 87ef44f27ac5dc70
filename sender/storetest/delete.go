package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func deleteCases() []func(*world) {
	return []func(*world){
		deleteRemovesASubscription,
		deleteOfAnUnknownSubscriptionIsNotFound,
		deleteStopsItsDeliveries,
		deleteStopsALapsedLease,
		deleteKeepsWhatFinished,
		deletedSubscriptionsGetNoEvents,
		anIDCanBeUsedAgainAfterDelete,
	}
}

func deleteRemovesASubscription(w *world) {
	w.subscribe("a", "x")
	w.subscribe("b", "x")
	require.NoError(w, w.DeleteSubscription(w.ctx, acme, "a"))
	require.Equal(w, []string{"b"}, w.listed(driver.SubscriptionQuery{Org: acme}))
	require.Empty(w, w.listed(driver.SubscriptionQuery{Org: acme, IDs: []string{"a"}}))
}

func deleteOfAnUnknownSubscriptionIsNotFound(w *world) {
	w.subscribe("a", "x")
	w.create(record(rival, "foreign", "x"))
	require.NoError(w, w.DeleteSubscription(w.ctx, acme, "a"))
	for _, id := range []string{"unknown", "foreign", "a"} {
		require.ErrorIs(w, w.DeleteSubscription(w.ctx, acme, id), driver.ErrNotFound, "subscription %s", id)
	}
	w.subscription(rival, "foreign")
}

func deleteStopsItsDeliveries(w *world) {
	w.subscribe("a", "x")
	w.subscribe("b", "x")
	w.publishMany("evt_", 3, "x")
	for _, c := range w.take(2) { // whichever they are
		o := outcome(c, driver.StatePending, attempt(1, 500))
		o.After = w.moment
		w.settle(o)
	}
	require.NoError(w, w.DeleteSubscription(w.ctx, acme, "a"))
	w.pass(w.moment)
	for _, c := range w.take(3) {
		require.Equal(w, "b", c.Delivery.SubscriptionID)
	}
	w.nothing()
	w.purgeNothing()
	log := w.deliveries(driver.DeliveryQuery{Subscription: "a"})
	require.Len(w, log, 3, "they stay in the log")
	for _, d := range log {
		require.Equal(w, driver.StateCancelled, d.State)
		require.False(w, d.FinishedAt.IsZero())
		require.True(w, d.NextAt.IsZero())
	}
}

func deleteStopsALapsedLease(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	c := w.lease()
	require.NoError(w, w.DeleteSubscription(w.ctx, acme, "a"))
	w.pass(w.moment)
	w.nothing()
	w.purgeNothing()
	require.Equal(w, driver.StateCancelled, w.delivery(c.Delivery.ID).State)
}

func deleteKeepsWhatFinished(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	d := w.finish(driver.StateDead)
	require.NoError(w, w.DeleteSubscription(w.ctx, acme, "a"))
	w.purgeNothing()
	require.Equal(w, d, w.delivery(d.ID))
	require.Len(w, w.attempts(d.ID), 1)
}

func deletedSubscriptionsGetNoEvents(w *world) {
	w.subscribe("a", "x")
	require.NoError(w, w.DeleteSubscription(w.ctx, acme, "a"))
	require.Zero(w, w.publish("evt_1", "x").Deliveries)
	p := publication(acme, "evt_2")
	p.Only = "a"
	require.ErrorIs(w, w.enqueue(p)[0].Err, driver.ErrNotFound)
}

func anIDCanBeUsedAgainAfterDelete(w *world) {
	w.subscribe("a", "x")
	w.publish("old", "x")
	require.NoError(w, w.DeleteSubscription(w.ctx, acme, "a"))
	w.purgeNothing()
	w.subscribe("a", "x")
	w.publish("new", "x")
	require.Equal(w, "new", w.one().Delivery.EventID, "the old ones stay cancelled")
	if w.canPass(time.Hour) {
		w.pass(time.Hour)
		require.Equal(w, []string{"new"}, eventIDs(w.take(1)))
	}
	require.Equal(w, driver.StateCancelled, w.only("old").State)
}
