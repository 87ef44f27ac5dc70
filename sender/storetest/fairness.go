package storetest

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func fairnessCases() []func(*world) {
	return []func(*world){
		aBlockedBacklogHidesNobody,
		manyBlockedSubscriptionsHideNobody,
		manyServedSubscriptionsHideNobody,
		aLargeBacklogTakesNoMoreThanItsShare,
		aRetryIsReachedThoughNewOnesKeepComing,
		aDeliveryOfALargeBacklogIsReached,
		everySubscriptionIsServed,
		testsAndEventsOfOneSubscriptionHideNeither,
	}
}

// finite is how many claims a due delivery within quota may have to wait for in these cases. The interface says only
// that the number is finite; a store that needs more than this is of no use.
const finite = 200

func aBlockedBacklogHidesNobody(w *world) {
	w.subscribe("hung", "hung")
	w.subscribe("fine", "fine")
	w.publishMany("hung_", 10_000, "hung")
	w.publish("evt_1", "fine")
	r := request(10)
	r.Quota = map[string]int{"hung": 0}
	require.Equal(w, []string{"evt_1"}, eventIDs(w.search(r)),
		"10,000 deliveries that quota holds back hide one that is due")
}

// search claims until something comes. Whoever is told that there is no more goes to sleep.
func (w *world) search(r driver.ClaimRequest) []driver.Claim {
	w.Helper()
	for range finite {
		c := w.claim(r)
		if len(c.Claims) > 0 {
			return c.Claims
		}
		require.True(w, c.More, "a claim gave nothing and said that there was no more, while something was due")
	}
	return nil
}

func manyBlockedSubscriptionsHideNobody(w *world) {
	r := request(10)
	r.Quota = map[string]int{}
	for i := range 300 {
		id := fmt.Sprintf("hung%03d", i)
		w.subscribe(id, "hung")
		r.Quota[id] = 0
	}
	w.publishMany("hung_", 2, "hung")
	w.subscribe("fine", "fine")
	w.publish("evt_1", "fine")
	require.Equal(w, []string{"evt_1"}, eventIDs(w.search(r)),
		"300 subscriptions that quota holds back hide one that is free")
}

func manyServedSubscriptionsHideNobody(w *world) {
	for i := range 300 {
		w.subscribe(fmt.Sprintf("served%03d", i), "served")
	}
	w.subscribe("waits", "waits")
	w.publish("evt_0", "served")
	r := request(300)
	r.PerSubscription = 1
	require.Len(w, w.gather(r, 300), 300, "each has given all that it had")
	w.publish("evt_1", "waits")
	require.Equal(w, []string{"evt_1"}, eventIDs(w.search(request(10))),
		"300 subscriptions that have nothing left hide one that has")
}

func aLargeBacklogTakesNoMoreThanItsShare(w *world) {
	w.subscribe("large", "large")
	w.publishMany("large_", 2000, "large")
	waiting := map[string]bool{}
	for i := range 20 {
		id := fmt.Sprintf("small%02d", i)
		w.subscribe(id, id)
		w.publish("evt_"+id, id)
		waiting[id] = true
	}
	r := request(20)
	r.PerSubscription = 5
	for n := 0; n < finite && len(waiting) > 0; n++ {
		for _, c := range w.claim(r).Claims {
			delete(waiting, c.Delivery.SubscriptionID)
		}
	}
	require.Empty(w, waiting, "not served while the large backlog was")
}

func aRetryIsReachedThoughNewOnesKeepComing(w *world) {
	w.subscribe("a", "x")
	w.publish("first", "x")
	o := outcome(w.one(), driver.StatePending, attempt(1, 503))
	o.After = w.moment / 10
	w.settle(o)
	w.publishMany("before_", 50, "x")
	w.pass(w.moment / 10)
	for n := range finite {
		w.publishMany(fmt.Sprintf("new%03d_", n), 5, "x")
		for _, c := range w.claim(request(5)).Claims {
			if c.Delivery.EventID == "first" {
				return
			}
		}
	}
	require.FailNow(w, "a retry that is due starves")
}

func aDeliveryOfALargeBacklogIsReached(w *world) {
	w.subscribe("a", "x")
	w.publishMany("evt_", 500, "x")
	seen := map[string]bool{}
	for _, c := range w.take(500) {
		seen[c.Delivery.EventID] = true
	}
	require.Len(w, seen, 500)
	w.nothing()
}

func everySubscriptionIsServed(w *world) {
	const subs = 50
	for i := range subs {
		w.subscribe(fmt.Sprintf("s%02d", i), "x")
	}
	w.publishMany("evt_", 40, "x")
	r := request(10)
	r.PerSubscription = 2
	took := map[string]int{}
	for range finite {
		for _, c := range w.claim(r).Claims {
			took[c.Delivery.SubscriptionID]++
			w.settle(outcome(c, driver.StateDelivered, nil))
		}
		if len(took) == subs {
			return
		}
	}
	require.Len(w, took, subs, "subscriptions served in %d claims of %d", finite, r.Limit)
}

// Whichever a store looks at first: when those are gone, what they might have taken is free for the others.
func testsAndEventsOfOneSubscriptionHideNeither(w *world) {
	w.subscribe("a", "x")
	for i := range 4 {
		p := publication(acme, fmt.Sprintf("test_%d", i), "x")
		p.Only = "a"
		w.enqueue(p)
	}
	w.publishMany("evt_", 4, "x")
	r := request(10)
	r.PerSubscription = 1
	for range 8 {
		require.Len(w, w.search(r), 1)
	}
	w.nothing()
}
