package storetest

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func bornClaimedCases() []func(*world) {
	return []func(*world){
		bornClaimedIsAFullClaim,
		bornClaimedIsNobodyElses,
		bornClaimedKeepsToTheQuota,
		bornClaimedKeepsToPerSubscription,
		bornClaimedKeepsToTheLimit,
		bornClaimedPassesOverInactive,
		bornClaimedTestsAreAlwaysLeased,
		duplicatesAreNotBornClaimed,
	}
}

// enqueueClaiming asks to lease what it stores. A store may lease fewer than allowed, so cases demand at most; the
// rest must be there for Claim.
func (w *world) enqueueClaiming(r driver.ClaimRequest, pubs ...driver.Publication) []driver.Claim {
	w.Helper()
	results, claims, err := w.Enqueue(w.ctx, pubs, &r)
	require.NoError(w, err)
	for _, e := range results {
		require.NoError(w, e.Err)
	}
	return claims
}

func publications(n int, topics ...string) []driver.Publication {
	pubs := make([]driver.Publication, n)
	for i := range pubs {
		pubs[i] = publication(acme, fmt.Sprintf("evt_%d", i), topics...)
	}
	return pubs
}

func bornClaimedIsAFullClaim(w *world) {
	sub := w.subscribe("a", "x")
	p := publication(acme, "evt_1", "x")
	p.Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	for _, c := range w.enqueueClaiming(request(5), p) {
		require.NotEmpty(w, c.Token)
		require.Zero(w, c.Lapses)
		require.Equal(w, "evt_1", c.Delivery.EventID)
		require.Zero(w, c.Delivery.Attempt)
		require.Equal(w, string(p.Event.Body), string(c.Event.Event.Body))
		require.Equal(w, p.Trace, c.Event.Trace)
		require.Equal(w, sub.URL, c.Subscription.URL)
		require.Equal(w, sub.Version, c.Subscription.Version)
		w.settle(outcome(c, driver.StateDelivered, attempt(1, 200)))
		require.Equal(w, driver.StateDelivered, w.only("evt_1").State)
	}
}

func bornClaimedIsNobodyElses(w *world) {
	w.subscribe("a", "x")
	claims := w.enqueueClaiming(request(10), publications(10, "x")...)
	seen := map[string]bool{}
	for _, c := range append(claims, w.take(10-len(claims))...) {
		require.False(w, seen[c.Delivery.ID], "delivery %s is claimed twice", c.Delivery.ID)
		seen[c.Delivery.ID] = true
	}
	w.nothing()
}

func bornClaimedKeepsToTheQuota(w *world) {
	for _, id := range []string{"full", "some", "free"} {
		w.subscribe(id, "x")
	}
	r := request(100)
	r.PerSubscription = 4
	r.Quota = map[string]int{"full": 0, "some": 2}
	took := bySubscription(w.enqueueClaiming(r, publications(10, "x")...))
	require.Zero(w, took["full"])
	require.LessOrEqual(w, took["some"], 2)
	require.LessOrEqual(w, took["free"], 4)
	w.take(30 - took["some"] - took["free"])
}

func bornClaimedKeepsToPerSubscription(w *world) {
	w.subscribe("a", "x")
	r := request(100)
	r.PerSubscription = 0
	require.Empty(w, w.enqueueClaiming(r, publications(5, "x")...))
	w.take(5)
}

func bornClaimedKeepsToTheLimit(w *world) {
	w.subscribe("a", "x")
	w.subscribe("b", "x")
	claims := w.enqueueClaiming(request(3), publications(5, "x")...)
	require.LessOrEqual(w, len(claims), 3)
	w.take(10 - len(claims))
}

func bornClaimedPassesOverInactive(w *world) {
	r := record(acme, "a", "x")
	r.Status = driver.StatusPaused
	w.create(r)
	require.Empty(w, w.enqueueClaiming(request(10), publications(3, "x")...))
	require.Len(w, w.deliveries(driver.DeliveryQuery{States: []driver.State{driver.StateHeld}}), 3)
}

func bornClaimedTestsAreAlwaysLeased(w *world) {
	for _, status := range []driver.Status{driver.StatusActive, driver.StatusPaused, driver.StatusDisabled,
		driver.StatusPendingTest} {
		r := record(acme, string(status), "x")
		r.Status = status
		w.create(r)

		p := publication(acme, "evt_"+string(status))
		p.Only = string(status)
		none := request(0)
		none.Quota = map[string]int{string(status): 0}
		claims := w.enqueueClaiming(none, p)
		require.Len(w, claims, 1, "a test of a subscription that is %s, beyond quota and limit", status)
		require.True(w, claims[0].Delivery.Test)
		w.settle(outcome(claims[0], driver.StateDelivered, attempt(1, 200)))
	}
	w.nothing()
}

func duplicatesAreNotBornClaimed(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	require.Empty(w, w.enqueueClaiming(request(10), publication(acme, "evt_1", "x")))
	w.one()
}

func bySubscription(claims []driver.Claim) map[string]int {
	n := map[string]int{}
	for _, c := range claims {
		n[c.Delivery.SubscriptionID]++
	}
	return n
}
