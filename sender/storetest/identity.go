package storetest

import (
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func identityCases() []func(*world) {
	return []func(*world){
		theSameEventAgainStoresNothing,
		theSameEventWithAnotherDigestIsAConflict,
		zeroDigestsAreEqualWhateverTheBodies,
		aTwinInOneCallIsADuplicate,
		aTwinWithAnotherDigestIsAConflict,
		oneIDInTwoOrgsIsTwoEvents,
		anEventIsKnownAfterItsDeliveriesFinished,
	}
}

func theSameEventAgainStoresNothing(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	w.subscribe("late", "x")
	for range 3 {
		require.Equal(w, []driver.Enqueued{{Duplicate: true}}, plain(w.enqueue(publication(acme, "evt_1", "x"))))
	}
	require.Equal(w, "a", w.one().Delivery.SubscriptionID, "and reaches nobody who came later")
}

func theSameEventWithAnotherDigestIsAConflict(w *world) {
	w.subscribe("a", "x")
	first := publication(acme, "evt_1", "x")
	w.enqueue(first)
	other := publication(acme, "evt_1", "x")
	other.Event.Body = []byte(`{"id":"evt_1","type":"contact.created","data":"other"}`)
	other.Digest[31] ^= 1
	e := w.enqueue(other)[0]
	require.True(w, e.Duplicate)
	require.ErrorIs(w, e.Err, driver.ErrConflict)
	require.Zero(w, e.Deliveries)

	got, err := w.Event(w.ctx, acme, "evt_1")
	require.NoError(w, err)
	require.Equal(w, string(first.Event.Body), string(got.Event.Body), "the first one stands")
	w.one()
}

func zeroDigestsAreEqualWhateverTheBodies(w *world) {
	w.subscribe("a", "x")
	for i, body := range []string{`{"entry":[1]}`, `{"entry":[1],"kirim":{}}`} {
		p := publication(acme, "wamid.1", "x")
		p.Event.Body, p.Digest = []byte(body), [32]byte{}
		e := w.enqueue(p)[0]
		require.NoError(w, e.Err)
		require.Equal(w, i > 0, e.Duplicate)
	}
	require.Equal(w, `{"entry":[1]}`, string(w.one().Event.Event.Body), "the first one stands")
}

func aTwinInOneCallIsADuplicate(w *world) {
	w.subscribe("a", "x")
	results := w.enqueue(publication(acme, "evt_1", "x"), publication(acme, "evt_2", "x"), publication(acme, "evt_1", "x"))
	require.Equal(w, []driver.Enqueued{{Deliveries: 1}, {Deliveries: 1}, {Duplicate: true}}, plain(results))
	require.ElementsMatch(w, []string{"evt_1", "evt_2"}, eventIDs(w.take(2)))
	w.nothing()
}

func aTwinWithAnotherDigestIsAConflict(w *world) {
	w.subscribe("a", "x")
	twin := publication(acme, "evt_1", "x")
	twin.Digest[0] ^= 1
	results := w.enqueue(publication(acme, "evt_1", "x"), twin)
	require.NoError(w, results[0].Err)
	require.Equal(w, 1, results[0].Deliveries)
	require.ErrorIs(w, results[1].Err, driver.ErrConflict)
	w.one()
}

func oneIDInTwoOrgsIsTwoEvents(w *world) {
	w.subscribe("a", "x")
	w.create(record(rival, "a", "x"))
	mine, theirs := publication(acme, "evt_1", "x"), publication(rival, "evt_1", "x")
	theirs.Event.Body = []byte(`{"id":"evt_1","type":"contact.created","data":"theirs"}`)
	theirs.Digest[0] ^= 1
	for _, e := range w.enqueue(mine, theirs) {
		require.Equal(w, []driver.Enqueued{{Deliveries: 1}}, plain([]driver.Enqueued{e}))
	}
	for _, p := range []driver.Publication{mine, theirs} {
		got, err := w.Event(w.ctx, p.Org, "evt_1")
		require.NoError(w, err)
		require.Equal(w, p.Org, got.Org)
		require.Equal(w, string(p.Event.Body), string(got.Event.Body))
	}
	for _, c := range w.take(2) {
		require.Equal(w, c.Delivery.Org, c.Event.Org)
		require.Equal(w, c.Delivery.Org, c.Subscription.Org)
	}
}

func anEventIsKnownAfterItsDeliveriesFinished(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	w.finish(driver.StateDelivered)
	require.True(w, w.enqueue(publication(acme, "evt_1", "x"))[0].Duplicate)
	w.nothing()
}
