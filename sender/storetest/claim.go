package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func claimCases() []func(*world) {
	return []func(*world){
		claimGivesAllThatAnAttemptNeeds,
		claimOfAnEmptyStoreGivesNothing,
		claimKeepsToTheLimit,
		claimKeepsToPerSubscription,
		claimKeepsToTheQuota,
		claimPassesOverInactive,
		claimTakesTestsOfInactive,
		claimedDeliveriesReadAsInFlight,
		claimNeverUsesATokenAgain,
		claimNamesTheVersionOfTheSubscription,
		nextDueTellsOfARetry,
		nextDueLeavesOutWhatQuotaHoldsBack,
	}
}

func claimGivesAllThatAnAttemptNeeds(w *world) {
	r := record(acme, "a", "x")
	r.Headers = map[string]string{"X-Team": "crm"}
	r.Sealed = []driver.SecretRecord{{ID: "sec_1", Sealed: []byte("\x00sealed\xff"), CreatedAt: r.CreatedAt}}
	r = w.create(r)
	p := publication(acme, "evt_1", "x")
	p.Event.Device, p.Event.Channel, p.Event.Test = "6281", "whatsapp", true
	p.Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	w.enqueue(p)

	c := w.one()
	require.NotEmpty(w, c.Token)
	require.Zero(w, c.Lapses)
	require.Equal(w, w.only("evt_1").ID, c.Delivery.ID)
	require.Equal(w, acme, c.Delivery.Org)
	require.Equal(w, "evt_1", c.Delivery.EventID)
	require.Equal(w, "a", c.Delivery.SubscriptionID)
	require.Equal(w, "contact.created", c.Delivery.EventType)
	require.Zero(w, c.Delivery.Attempt)

	require.Equal(w, acme, c.Event.Org)
	require.Equal(w, p.Event, c.Event.Event)
	require.Equal(w, p.Trace, c.Event.Trace)

	require.Equal(w, "a", c.Subscription.ID)
	require.Equal(w, acme, c.Subscription.Org)
	require.Equal(w, r.URL, c.Subscription.URL)
	require.Equal(w, r.Contract, c.Subscription.Contract)
	require.Equal(w, r.Headers, c.Subscription.Headers)
	require.Equal(w, r.Version, c.Subscription.Version)
	require.Equal(w, []byte("\x00sealed\xff"), c.Subscription.Sealed[0].Sealed)
}

func claimOfAnEmptyStoreGivesNothing(w *world) {
	c := w.claim(request(10))
	require.Empty(w, c.Claims)
	require.Zero(w, c.NextDue)
	w.subscribe("a", "x")
	w.nothing()
}

func claimKeepsToTheLimit(w *world) {
	w.subscribe("a", "x")
	w.subscribe("b", "x")
	w.publishMany("evt_", 10, "x")
	require.Empty(w, w.claim(request(0)).Claims)
	for left := 20; left > 0; {
		c := w.claim(request(3))
		require.LessOrEqual(w, len(c.Claims), 3)
		left -= len(c.Claims)
		if len(c.Claims) == 0 && !c.More {
			w.take(left)
			break
		}
	}
	w.nothing()
}

func claimKeepsToPerSubscription(w *world) {
	w.subscribe("a", "x")
	w.subscribe("b", "x")
	w.publishMany("evt_", 10, "x")
	r := request(100)
	r.PerSubscription = 3
	for id, n := range bySubscription(w.claim(r).Claims) {
		require.LessOrEqual(w, n, 3, "subscription %s", id)
	}
}

func claimKeepsToTheQuota(w *world) {
	for _, id := range []string{"none", "two", "many", "unlisted"} {
		w.subscribe(id, "x")
	}
	w.publishMany("evt_", 10, "x")
	r := request(100)
	r.PerSubscription = 1
	r.Quota = map[string]int{"none": 0, "two": 2, "many": 7, "gone": 5}
	for range 3 {
		took := bySubscription(w.claim(r).Claims)
		require.Zero(w, took["none"])
		require.LessOrEqual(w, took["two"], 2)
		require.LessOrEqual(w, took["many"], 7)
		require.LessOrEqual(w, took["unlisted"], 1)
	}
	r.Quota = map[string]int{"two": 0, "many": 0, "unlisted": 0, "none": 10}
	require.Len(w, w.gather(r, 10), 10, "a quota goes beyond PerSubscription")
}

func claimPassesOverInactive(w *world) {
	for _, status := range []driver.Status{driver.StatusActive, driver.StatusPaused, driver.StatusDisabled,
		driver.StatusPendingTest} {
		r := record(acme, string(status), "x")
		r.Status = status
		w.create(r)
	}
	w.publishMany("evt_", 3, "x")
	for _, c := range w.take(3) {
		require.Equal(w, "active", c.Delivery.SubscriptionID)
	}
	w.nothing()
}

func claimTakesTestsOfInactive(w *world) {
	for _, status := range []driver.Status{driver.StatusPaused, driver.StatusDisabled, driver.StatusPendingTest} {
		r := record(acme, string(status), "x")
		r.Status = status
		w.create(r)
		w.publish("live_"+string(status), "x")
		p := publication(acme, "test_"+string(status))
		p.Only = string(status)
		require.NoError(w, w.enqueue(p)[0].Err)

		c := w.one()
		require.Equal(w, p.Event.ID, c.Delivery.EventID)
		w.settle(outcome(c, driver.StatePending, attempt(1, 500)))
		c = w.one()
		require.Equal(w, p.Event.ID, c.Delivery.EventID, "a test waits for no activation, the second time neither")
		w.settle(outcome(c, driver.StateDead, attempt(2, 500)))
	}
}

func claimedDeliveriesReadAsInFlight(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	w.one()
	d := w.only("evt_1")
	require.Equal(w, driver.StatePending, d.State)
	require.True(w, d.NextAt.IsZero(), "in flight")
	require.True(w, d.FinishedAt.IsZero())
	require.Zero(w, d.Attempt, "a claim is not an attempt")
}

func claimNeverUsesATokenAgain(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	seen := map[string]bool{}
	for range 20 {
		c := w.one()
		require.False(w, seen[c.Token], "token %s", c.Token)
		seen[c.Token] = true
		w.settle(outcome(c, driver.StatePending, nil))
	}
}

func claimNamesTheVersionOfTheSubscription(w *world) {
	r := w.subscribe("a", "x")
	w.publishMany("evt_", 2, "x")
	require.Equal(w, r.URL, w.take(1)[0].Subscription.URL)
	r.URL = "https://example.com/new"
	version, err := w.PutSubscription(w.ctx, r)
	require.NoError(w, err)
	c := w.one()
	require.Equal(w, version, c.Subscription.Version)
	require.Equal(w, r.URL, c.Subscription.URL)
}

func nextDueTellsOfARetry(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	o := outcome(w.one(), driver.StatePending, attempt(1, 503))
	o.After = w.moment
	w.settle(o)
	next := w.claim(request(10)).NextDue
	require.Positive(w, next)
	require.LessOrEqual(w, next, w.moment)
	w.pass(next)
	require.Len(w, w.gather(request(1), 1), 1, "due when NextDue said")
}

func nextDueLeavesOutWhatQuotaHoldsBack(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	r := request(10)
	r.Lease = time.Minute
	r.Quota = map[string]int{"a": 0}
	c := w.claim(r)
	require.Empty(w, c.Claims)
	require.Zero(w, c.NextDue, "calling again would not help")
}
