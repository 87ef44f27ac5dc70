package storetest

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func purgeCases() []func(*world) {
	return []func(*world){
		purgeOfAnEmptyStoreIsNothing,
		purgeForgetsFinishedDeliveriesAndTheirAttempts,
		purgeCountsFromTheMomentTheyFinished,
		purgeNeverTakesLiveDeliveries,
		purgeOfALiveReplaysOriginLeavesTheReplay,
		purgeLeavesNothingOfAReplayBehind,
		purgeForgetsIdentitiesNoSoonerThanAsked,
		purgeKeepsEventsThatDeliveriesNeed,
		purgeForgetsWhatADeletedSubscriptionLeft,
		purgeKeepsToItsLimit,
	}
}

const ages = 10 * 365 * 24 * time.Hour

// keepAll is a request under which nothing that a case makes is old enough, or too many.
func keepAll() driver.PurgeRequest {
	return driver.PurgeRequest{Finished: ages, Identity: ages, HeldAge: ages, HeldMax: 1 << 30, Limit: 1000}
}

// purge calls Purge until it has nothing left to do, as its caller must, and adds up.
func (w *world) purge(r driver.PurgeRequest) (sum driver.Purged) {
	w.Helper()
	for range 1000 {
		p, err := w.Purge(w.ctx, r)
		require.NoError(w, err)
		if p == (driver.Purged{}) {
			return sum
		}
		sum.Deliveries += p.Deliveries
		sum.Events += p.Events
		sum.Held += p.Held
	}
	require.FailNow(w, "Purge never comes to an end")
	return sum
}

// purgeNothing lets a store do what it put off, such as cancelling what waits for a deleted subscription.
func (w *world) purgeNothing() {
	w.Helper()
	p := w.purge(keepAll())
	require.Zero(w, p.Deliveries)
	require.Zero(w, p.Events)
}

func purgeOfAnEmptyStoreIsNothing(w *world) {
	require.Zero(w, w.purge(driver.PurgeRequest{Identity: 24 * time.Hour, Limit: 100}))
}

func purgeForgetsFinishedDeliveriesAndTheirAttempts(w *world) {
	w.subscribe("a", "x")
	var old []string
	for _, state := range []driver.State{driver.StateDelivered, driver.StateDead, driver.StateCancelled} {
		w.publish("evt_"+string(state), "x")
		old = append(old, w.finish(state).ID)
	}
	w.pass(w.moment)
	w.publish("young", "x")
	young := w.finish(driver.StateDelivered)

	r := keepAll()
	r.Finished = w.moment
	require.Equal(w, driver.Purged{Deliveries: 3}, w.purge(r))
	for _, id := range old {
		require.Empty(w, w.deliveries(driver.DeliveryQuery{IDs: []string{id}}))
		_, err := w.Attempts(w.ctx, acme, id)
		require.ErrorIs(w, err, driver.ErrNotFound)
	}
	require.Equal(w, young, w.delivery(young.ID))
	require.Len(w, w.attempts(young.ID), 1)
	_, err := w.Event(w.ctx, acme, "evt_dead")
	require.NoError(w, err, "the event is younger than Identity")
}

func purgeCountsFromTheMomentTheyFinished(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	w.pass(w.moment)
	w.finish(driver.StateDead)
	r := keepAll()
	r.Finished = w.moment
	require.Zero(w, w.purge(r), "it is old, but dead only now")
	require.Equal(w, driver.StateDead, w.only("evt_1").State)
	w.pass(w.moment)
	require.Equal(w, 1, w.purge(r).Deliveries)
}

func purgeNeverTakesLiveDeliveries(w *world) {
	w.subscribe("a", "x")
	w.subscribe("held", "y")
	w.publishMany("evt_", 3, "x")
	w.publish("held", "y")
	w.turn("held", driver.StatusPaused)
	claims := w.take(2)
	o := outcome(claims[0], driver.StatePending, attempt(1, 500))
	o.After = 2 * w.moment
	w.settle(o)
	w.pass(w.moment)

	r := keepAll()
	r.Finished, r.Identity = 0, 24*time.Hour
	require.Zero(w, w.purge(r), "due, in flight, waiting, held")
	w.settle(outcome(claims[1], driver.StateDelivered, attempt(1, 200)))
	require.Len(w, w.attempts(claims[0].Delivery.ID), 1)
	w.pass(w.moment)
	w.take(2)
	w.turn("held", driver.StatusActive)
	w.one()
}

func purgeOfALiveReplaysOriginLeavesTheReplay(w *world) {
	old := w.dead()
	replay := w.repeat(old.ID)[0].New
	w.pass(w.moment)
	r := keepAll()
	r.Finished = w.moment / 2
	require.Equal(w, 1, w.purge(r).Deliveries)
	d := w.delivery(replay)
	require.Equal(w, driver.StatePending, d.State)
	require.Equal(w, old.ID, d.ReplayedFrom)
	require.Equal(w, replay, w.finish(driver.StateDelivered).ID)
	require.Len(w, w.repeat(replay), 1)
}

func purgeLeavesNothingOfAReplayBehind(w *world) {
	old := w.dead()
	w.repeat(old.ID)
	replay := w.one()
	w.pass(w.moment)
	r := keepAll()
	r.Finished = w.moment / 2
	require.Equal(w, 1, w.purge(r).Deliveries, "the origin")

	w.publish("evt_2", "x")
	w.finish(driver.StateDead)
	q := driver.DeliveryQuery{EventID: "evt_2"}
	require.Len(w, w.replay(q), 1, "whatever took the place of the origin")
	w.settle(outcome(replay, driver.StateDead, attempt(1, 500)))
	require.Empty(w, w.replay(q), "its own replay is unfinished")
	w.finish(driver.StateDead)
	w.pass(w.moment)
	require.Equal(w, 3, w.purge(r).Deliveries)

	w.publishMany("new_", 5, "x")
	for _, d := range w.deliveries(driver.DeliveryQuery{}) {
		require.Empty(w, d.ReplayedFrom, "whatever took the place of a replay")
		require.Empty(w, d.ReplayedBy)
		require.Empty(w, w.attempts(d.ID))
	}
	for _, c := range w.take(5) {
		w.settle(outcome(c, driver.StateDead, attempt(1, 500)))
		require.Equal(w, attempt(1, 500).Response, w.attempts(c.Delivery.ID)[0].Response, "said before, and forgotten since")
	}
	require.Len(w, w.replay(driver.DeliveryQuery{}), 5)
}

func purgeForgetsIdentitiesNoSoonerThanAsked(w *world) {
	if !w.canPass(72 * time.Hour) {
		return
	}
	w.publish("nobodys")
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	w.finish(driver.StateDelivered)
	r := keepAll()
	r.Finished, r.Identity = 0, 48*time.Hour

	w.pass(47 * time.Hour)
	require.Equal(w, driver.Purged{Deliveries: 1}, w.purge(r))
	require.True(w, w.enqueue(publication(acme, "evt_1", "x"))[0].Duplicate)
	require.True(w, w.enqueue(publication(acme, "nobodys", "x"))[0].Duplicate)

	w.pass(time.Hour + time.Minute)
	require.Equal(w, driver.Purged{Events: 2}, w.purge(r))
	_, err := w.Event(w.ctx, acme, "evt_1")
	require.ErrorIs(w, err, driver.ErrNotFound)
	require.Equal(w, 1, w.publish("evt_1", "x").Deliveries, "its identity is free again")
	w.one()
}

func purgeKeepsEventsThatDeliveriesNeed(w *world) {
	if !w.canPass(72 * time.Hour) {
		return
	}
	w.subscribe("a", "x")
	w.subscribe("b", "x")
	w.publish("evt_1", "x")
	c := w.take(2)
	w.settle(outcome(c[0], driver.StateDead, nil))
	w.pass(72 * time.Hour)
	r := keepAll()
	r.Finished, r.Identity = 0, 24*time.Hour
	require.Equal(w, driver.Purged{Deliveries: 1}, w.purge(r))
	require.Equal(w, string(publication(acme, "evt_1").Event.Body), string(w.one().Event.Event.Body))
}

func purgeForgetsWhatADeletedSubscriptionLeft(w *world) {
	all := w.logOf(5)
	claims := w.take(3)
	w.lease() // nobody settles it, and the fifth is due
	w.settle(outcome(claims[0], driver.StateDead, attempt(1, 500)))
	retry := outcome(claims[1], driver.StatePending, attempt(1, 500))
	retry.After = time.Hour
	w.settle(retry)
	require.NoError(w, w.DeleteSubscription(w.ctx, acme, "a"))
	w.settle(outcome(claims[2], driver.StatePending, attempt(1, 500)))
	w.pass(w.moment)
	w.purgeNothing()
	w.pass(w.moment)
	r := keepAll()
	r.Finished = w.moment / 2
	require.Equal(w, len(all), w.purge(r).Deliveries)
	require.Empty(w, w.deliveries(driver.DeliveryQuery{}))
}

func purgeKeepsToItsLimit(w *world) {
	w.deadLetters(30)
	for i := range 3 {
		w.publish(fmt.Sprintf("due_%d", i), "x")
	}
	w.pass(w.moment)
	r := keepAll()
	r.Finished, r.Limit = 0, 10
	p, err := w.Purge(w.ctx, r)
	require.NoError(w, err)
	require.Positive(w, p.Deliveries)
	require.LessOrEqual(w, p.Deliveries, 20, "about the limit")
	require.Equal(w, 30, p.Deliveries+w.purge(r).Deliveries)
	require.Len(w, w.deliveries(driver.DeliveryQuery{}), 3)
}
