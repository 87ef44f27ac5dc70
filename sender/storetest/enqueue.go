package storetest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func enqueueCases() []func(*world) {
	return []func(*world){
		enqueueMakesOneDeliveryForEachSubscriptionThatSharesATopic,
		enqueueMakesOneDeliveryHoweverManyTopicsAreShared,
		enqueueWithoutAMatchKeepsTheEvent,
		enqueueMatchesTheTopicsOfNow,
		enqueueMatchesTheLongestTopics,
		enqueueReachesManySubscriptions,
		enqueueReachesInactiveSubscriptionsAndNamesThem,
		enqueueNamesAtMost16Inactive,
		enqueueStaysInItsOrg,
		enqueueAnswersInOrder,
		enqueueOfNothingDoesNothing,
		enqueueFailureOfOneSpoilsNoOther,
		enqueueOnlyReachesThatSubscriptionAlone,
		enqueueOnlyAnUnknownSubscriptionStoresNothing,
		deliveryIDsAre26CrockfordCharactersAndNotInSequence,
	}
}

func enqueueMakesOneDeliveryForEachSubscriptionThatSharesATopic(w *world) {
	w.subscribe("a", "contact.created")
	w.subscribe("b", "contact.created", "contact.updated")
	w.subscribe("c", "contact.updated")
	w.subscribe("d")
	e := w.publish("evt_1", "contact.created")
	require.Equal(w, 2, e.Deliveries)
	require.Empty(w, e.Inactive)

	var subs []string
	for _, d := range w.deliveries(driver.DeliveryQuery{EventID: "evt_1"}) {
		subs = append(subs, d.SubscriptionID)
		require.Equal(w, driver.StatePending, d.State)
		require.Equal(w, acme, d.Org)
		require.Equal(w, "evt_1", d.EventID)
		require.Equal(w, "contact.created", d.EventType)
		require.Zero(w, d.Attempt)
		require.False(w, d.Test)
		require.Empty(w, d.ReplayedFrom)
		require.False(w, d.CreatedAt.IsZero())
		require.False(w, d.NextAt.IsZero(), "it is due")
		require.True(w, d.FinishedAt.IsZero())
	}
	require.ElementsMatch(w, []string{"a", "b"}, subs)
	require.ElementsMatch(w, []string{"evt_1", "evt_1"}, eventIDs(w.take(2)), "due at once")
}

func enqueueMakesOneDeliveryHoweverManyTopicsAreShared(w *world) {
	w.subscribe("a", "x", "y", "z", "x")
	require.Equal(w, 1, w.publish("evt_1", "q", "z", "x", "x").Deliveries)
	require.Len(w, w.deliveries(driver.DeliveryQuery{}), 1)
	w.one()
}

func enqueueWithoutAMatchKeepsTheEvent(w *world) {
	w.subscribe("a", "x")
	require.Zero(w, w.publish("evt_1", "y").Deliveries)
	require.Zero(w, w.publish("evt_2").Deliveries)
	w.nothing()
	for _, id := range []string{"evt_1", "evt_2"} {
		got, err := w.Event(w.ctx, acme, id)
		require.NoError(w, err)
		require.Equal(w, id, got.Event.ID)
	}
	require.True(w, w.enqueue(publication(acme, "evt_1", "x"))[0].Duplicate, "its identity is taken")
	w.nothing()
}

func enqueueMatchesTheTopicsOfNow(w *world) {
	r := w.subscribe("a", "x", "y")
	r.Topics = []string{"y", "z"}
	_, err := w.PutSubscription(w.ctx, r)
	require.NoError(w, err)
	require.Zero(w, w.publish("evt_x", "x").Deliveries, "no longer wanted")
	require.Equal(w, 1, w.publish("evt_y", "y").Deliveries)
	require.Equal(w, 1, w.publish("evt_z", "z").Deliveries, "wanted now")
}

// What Sender calls a topic is as long as its parts may be together; no store may be the first to refuse it.
func enqueueMatchesTheLongestTopics(w *world) {
	longest := func(i int) string { return fmt.Sprintf("%01024d", i) }
	var wanted, offered []string
	for i := range 64 {
		wanted, offered = append(wanted, longest(i)), append(offered, longest(63+i))
	}
	org, id := strings.Repeat("o", 255), strings.Repeat("e", 255)
	w.create(record(org, "a", wanted...))
	w.create(record(org, "b", longest(0), "x"))
	results := w.enqueue(publication(org, id, offered...))
	require.NoError(w, results[0].Err)
	require.Equal(w, 1, results[0].Deliveries)
	require.Equal(w, []string{id}, eventIDs(w.take(1)))
}

func enqueueReachesManySubscriptions(w *world) {
	const n = 300
	for i := range n {
		w.subscribe(fmt.Sprintf("s%03d", i), "x")
	}
	require.Equal(w, n, w.publish("evt_1", "x").Deliveries)
	seen := map[string]bool{}
	for _, c := range w.take(n) {
		seen[c.Delivery.SubscriptionID] = true
	}
	require.Len(w, seen, n, "each of them once")
}

func enqueueReachesInactiveSubscriptionsAndNamesThem(w *world) {
	w.subscribe("active", "x")
	for _, status := range []driver.Status{driver.StatusPaused, driver.StatusDisabled, driver.StatusPendingTest} {
		r := record(acme, string(status), "x")
		r.Status = status
		w.create(r)
	}
	stranger := record(acme, "stranger", "y")
	stranger.Status = driver.StatusPaused
	w.create(stranger)

	e := w.publish("evt_1", "x")
	require.Equal(w, 4, e.Deliveries)
	require.ElementsMatch(w, []string{"paused", "disabled", "pending_test"}, e.Inactive)
	require.Equal(w, "active", w.one().Delivery.SubscriptionID)
}

func enqueueNamesAtMost16Inactive(w *world) {
	for i := range 20 {
		r := record(acme, fmt.Sprintf("s%02d", i), "x")
		r.Status = driver.StatusPaused
		w.create(r)
	}
	e := w.publish("evt_1", "x")
	require.Equal(w, 20, e.Deliveries)
	require.Len(w, e.Inactive, 16)
	require.Len(w, slices.Compact(slices.Sorted(slices.Values(e.Inactive))), 16, "each once")
}

func enqueueStaysInItsOrg(w *world) {
	w.subscribe("a", "x")
	w.create(record(rival, "a", "x"))
	w.create(record(rival, "b", "x"))
	require.Equal(w, 1, w.publish("evt_1", "x").Deliveries)
	require.Equal(w, acme, w.one().Delivery.Org)
	require.Empty(w, w.deliveries(driver.DeliveryQuery{Org: rival}))
}

func enqueueAnswersInOrder(w *world) {
	w.subscribe("a", "x")
	w.subscribe("b", "x", "y")
	w.publish("known", "x")
	results := w.enqueue(
		publication(acme, "evt_2", "x"),
		publication(acme, "known", "x"),
		publication(acme, "evt_0", "none"),
		publication(acme, "evt_1", "y"),
	)
	require.Equal(w, []driver.Enqueued{{Deliveries: 2}, {Duplicate: true}, {}, {Deliveries: 1}}, plain(results))
}

// plain leaves aside whether an empty list is nil.
func plain(results []driver.Enqueued) []driver.Enqueued {
	for i := range results {
		if len(results[i].Inactive) == 0 {
			results[i].Inactive = nil
		}
	}
	return results
}

func enqueueOfNothingDoesNothing(w *world) {
	require.Empty(w, w.enqueue())
	r := request(10)
	results, claims, err := w.Enqueue(w.ctx, nil, &r)
	require.NoError(w, err)
	require.Empty(w, results)
	require.Empty(w, claims)
}

func enqueueFailureOfOneSpoilsNoOther(w *world) {
	w.subscribe("a", "x")
	w.publish("known", "x")
	conflict := publication(acme, "known", "x")
	conflict.Digest[0]++
	nobody := publication(acme, "evt_2", "x")
	nobody.Only = "unknown"
	results := w.enqueue(publication(acme, "evt_1", "x"), conflict, nobody, publication(acme, "evt_3", "x"))

	require.NoError(w, results[0].Err)
	require.ErrorIs(w, results[1].Err, driver.ErrConflict)
	require.ErrorIs(w, results[2].Err, driver.ErrNotFound)
	require.NoError(w, results[3].Err)
	require.ElementsMatch(w, []string{"known", "evt_1", "evt_3"}, eventIDs(w.take(3)))
	_, err := w.Event(w.ctx, acme, "evt_2")
	require.ErrorIs(w, err, driver.ErrNotFound, "what failed has left nothing")
	require.Equal(w, driver.Enqueued{Deliveries: 1}, w.publish("evt_2", "x"), "and its id is free")
}

func enqueueOnlyReachesThatSubscriptionAlone(w *world) {
	w.subscribe("a", "x")
	target := record(acme, "b", "y")
	target.Status = driver.StatusPendingTest
	w.create(target)

	p := publication(acme, "evt_1", "x")
	p.Only = "b"
	e := w.enqueue(p)[0]
	require.NoError(w, e.Err)
	require.Equal(w, 1, e.Deliveries)
	c := w.one()
	require.Equal(w, "b", c.Delivery.SubscriptionID)
	require.True(w, c.Delivery.Test)
	require.True(w, w.delivery(c.Delivery.ID).Test)
}

func enqueueOnlyAnUnknownSubscriptionStoresNothing(w *world) {
	w.create(record(rival, "foreign", "x"))
	w.subscribe("a", "x")
	for _, id := range []string{"unknown", "foreign"} {
		p := publication(acme, "evt_1", "x")
		p.Only = id
		e := w.enqueue(p)[0]
		require.ErrorIs(w, e.Err, driver.ErrNotFound, "subscription %s", id)
		require.Zero(w, e.Deliveries)
		_, err := w.Event(w.ctx, acme, "evt_1")
		require.ErrorIs(w, err, driver.ErrNotFound)
	}
	w.nothing()
	require.Equal(w, 1, w.publish("evt_1", "x").Deliveries, "its identity is free")
}

func deliveryIDsAre26CrockfordCharactersAndNotInSequence(w *world) {
	w.subscribe("a", "x")
	const n = 500
	w.publishMany("evt_", n, "x")
	shape := regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{26}$`)
	seen := map[string]bool{}
	var made []string
	for _, d := range w.deliveries(driver.DeliveryQuery{Limit: n}) {
		require.Regexp(w, shape, d.ID)
		seen[d.ID] = true
		made = append(made, d.ID)
	}
	require.Len(w, seen, n, "each id once")

	falls, prefixes := 0, map[string]bool{}
	for i := range made {
		prefixes[made[i][1:9]] = true
		if i > 0 && made[i] < made[i-1] {
			falls++
		}
	}
	require.InDelta(w, n/2, falls, n/5, "an id tells nothing of the next one")
	require.Greater(w, len(prefixes), n*9/10, "an id tells nothing of when it was made")
}
