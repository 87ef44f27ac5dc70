package storetest

import (
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// A call whose reply was lost has happened, and its caller cannot know. These cases make it again, as a caller does.
func lostReplyCases() []func(*world) {
	return []func(*world){
		aLostReplyToEnqueueIsADuplicate,
		aLostReplyToClaimIsALapse,
		aLostReplyToSettleIsRepeatedInAnyBatch,
		aLostReplyToReplayIsInTheLog,
		aLostReplyToPutIsAConflictWithItself,
	}
}

func aLostReplyToEnqueueIsADuplicate(w *world) {
	w.subscribe("a", "x")
	r := request(2)
	r.Lease = w.moment
	pubs := publications(3, "x")
	w.enqueueClaiming(r, pubs...) // lost, and with it some leases
	for range 2 {
		results, claims, err := w.Enqueue(w.ctx, pubs, &r)
		require.NoError(w, err)
		require.Equal(w, slices.Repeat([]driver.Enqueued{{Duplicate: true}}, 3), plain(results))
		require.Empty(w, claims, "whoever has them, it may be somebody else")
	}
	w.pass(w.moment)
	w.take(3)
	w.nothing()
}

func aLostReplyToClaimIsALapse(w *world) {
	w.subscribe("a", "x")
	w.publishMany("evt_", 3, "x")
	r := request(3)
	r.Lease = w.moment
	require.Len(w, w.gather(r, 3), 3) // lost
	w.nothing()
	w.pass(w.moment)
	for _, c := range w.take(3) {
		require.Equal(w, 1, c.Lapses)
		require.Zero(w, c.Delivery.Attempt)
	}
}

func aLostReplyToSettleIsRepeatedInAnyBatch(w *world) {
	w.subscribe("a", "x")
	w.publishMany("evt_", 5, "x")
	claims := w.take(5)
	var batch []driver.Outcome
	for i, o := range []driver.Outcome{
		{State: driver.StateDead, Health: driver.HealthDead},
		{State: driver.StateDelivered, Health: driver.HealthSuccess},
		{State: driver.StatePending, After: time.Hour},
		{State: driver.StateDead, Health: driver.HealthDead},
	} {
		made := outcome(claims[i], o.State, attempt(1, 500+i))
		made.After, made.Health = o.After, o.Health
		batch = append(batch, made)
	}
	w.settleAll(batch...) // lost
	fresh := outcome(claims[4], driver.StateDead, attempt(1, 504))
	fresh.Health = driver.HealthDead
	backwards := slices.Clone(batch)
	slices.Reverse(backwards)
	again := [][]driver.Outcome{append(slices.Clone(batch[:2]), fresh), backwards}
	for i := range batch {
		again = append(again, batch[i:i+1])
	}
	for _, some := range again {
		for _, s := range w.settleAll(some...) {
			require.True(w, s.Applied)
		}
	}
	require.Equal(w, 2, w.health("a").ConsecutiveDead, "one before the lost reply, one after, and no more success")
	require.Equal(w, 5, w.total("a").attempts())
	for i, c := range claims {
		log := w.attempts(c.Delivery.ID)
		require.Len(w, log, 1)
		require.Equal(w, 500+i, log[0].StatusCode)
	}
}

func aLostReplyToReplayIsInTheLog(w *world) {
	old := w.dead()
	w.repeat(old.ID) // lost
	require.Empty(w, w.repeat(old.ID))
	require.Empty(w, w.replay(driver.DeliveryQuery{}))
	newest := w.deliveries(driver.DeliveryQuery{EventID: old.EventID})[0]
	require.Equal(w, old.ID, newest.ReplayedFrom)
	require.Equal(w, newest.ID, w.one().Delivery.ID)
}

func aLostReplyToPutIsAConflictWithItself(w *world) {
	made := record(acme, "a", "x")
	w.create(made) // lost
	_, err := w.PutSubscription(w.ctx, made)
	require.ErrorIs(w, err, driver.ErrConflict)

	changed := w.subscription(acme, "a")
	changed.Name = "changed"
	_, err = w.PutSubscription(w.ctx, changed) // lost
	require.NoError(w, err)
	for range 2 {
		_, err = w.PutSubscription(w.ctx, changed)
		require.ErrorIs(w, err, driver.ErrConflict)
	}
	require.Equal(w, "changed", w.subscription(acme, "a").Name, "and so it has happened")
}
