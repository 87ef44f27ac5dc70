package storetest

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Table is a kind of row that [Subject.Spoil] spoils.
type Table string

// The tables, and whose id names the row.
const (
	Subscriptions Table = "subscriptions" // the subscription's
	Events        Table = "events"        // the event's
	Deliveries    Table = "deliveries"    // the delivery's
	Attempts      Table = "attempts"      // the delivery's: its last attempt
	Minutes       Table = "minutes"       // the subscription's: all its minutes
)

func unreadableCases() []func(*world) {
	return []func(*world){
		deliveriesOfAnUnreadableEventAreSetAside,
		anEventThatTurnsUnreadableInFlightStopsNothing,
		anUnreadableSubscriptionStopsNoOther,
		anUnreadableSubscriptionIsReplacedOrRemoved,
		aSubscriptionThatTurnsUnreadableInFlightStopsNoSettle,
		anUnreadableDeliveryIsSetAside,
		aDeliveryThatTurnsUnreadableInFlightStopsNothing,
		anUnreadableAttemptIsListedAsSuch,
		unreadableMinutesAreLeftOut,
	}
}

// spoilAll makes rows and spoils each in another way that the store has, until it has no more; it returns the ids of
// those that are spoiled. The last one that make made stays as it is.
func (w *world) spoilAll(table Table, make func(n int) (id string)) (spoiled []string) {
	w.Helper()
	if w.spoil == nil {
		w.Logf("not run: Subject.Spoil is nil")
	}
	for n := range 100 {
		id := make(n)
		if w.spoil == nil || !w.spoil(table, acme, id, n) {
			return spoiled
		}
		spoiled = append(spoiled, id)
	}
	require.FailNow(w, "Subject.Spoil has no end")
	return nil
}

// drain claims all that can be claimed, and all that is set aside meanwhile.
func (w *world) drain() (claims []driver.Claim, aside []driver.Unreadable) {
	w.Helper()
	calls := 0
	for idle := 0; idle < 5; calls++ {
		require.Less(w, calls, 10_000, "Claim never comes to an end")
		r := request(4)
		c := w.claim(r)
		require.LessOrEqual(w, len(c.Claims)+len(c.Unreadable), r.Limit, "what is set aside counts towards the limit")
		claims, aside = append(claims, c.Claims...), append(aside, c.Unreadable...)
		if len(c.Claims)+len(c.Unreadable) == 0 {
			idle++
		} else {
			idle = 0
		}
	}
	return claims, aside
}

// setAside demands that these deliveries were set aside, and no others, and that they read as dead letters.
func (w *world) setAside(want []string, aside []driver.Unreadable) {
	w.Helper()
	var got []string
	for _, u := range aside {
		require.Error(w, u.Err, "what is wrong with delivery %s", u.Delivery.ID)
		require.NotContains(w, u.Err.Error(), `"type":`, "bodies do not belong into errors")
		require.Equal(w, acme, u.Delivery.Org)
		require.Equal(w, driver.StateDead, u.Delivery.State)
		require.Equal(w, driver.ReasonUnreadable, u.Delivery.Reason)
		got = append(got, u.Delivery.ID)
	}
	require.ElementsMatch(w, want, got, "each is told once")
	for _, id := range want {
		d := w.delivery(id)
		require.Equal(w, driver.StateDead, d.State)
		require.Equal(w, driver.ReasonUnreadable, d.Reason)
		require.True(w, d.NextAt.IsZero(), "it is not due")
		w.attempts(id)
	}
	_, again := w.drain()
	require.Empty(w, again, "what was set aside comes no more")
}

// deliver settles claims as delivered.
func (w *world) deliver(claims []driver.Claim) {
	w.Helper()
	for _, c := range claims {
		w.settle(outcome(c, driver.StateDelivered, attempt(c.Delivery.Attempt+1, 200)))
	}
}

// forgetAll replays what is dead and purges what is finished: every call of Log that walks over it.
func (w *world) forgetAll() {
	w.Helper()
	w.replay(deadOnes)
	claims, _ := w.drain()
	w.deliver(claims)
	w.pass(w.moment)
	r := keepAll()
	r.Finished = 0
	w.purge(r)
	require.Empty(w, w.deliveries(driver.DeliveryQuery{}), "what was set aside can be forgotten")
}

func deliveriesOfAnUnreadableEventAreSetAside(w *world) {
	w.subscribe("a", "x")
	w.subscribe("b", "x")
	var want []string
	spoiled := w.spoilAll(Events, func(n int) string {
		id := fmt.Sprintf("evt_%d", n)
		w.publish(id, "x")
		return id
	})
	for _, id := range spoiled {
		want = append(want, ids(w.deliveries(driver.DeliveryQuery{EventID: id}))...)
		_, err := w.Event(w.ctx, acme, id)
		require.ErrorIs(w, err, driver.ErrUnreadable, "event %s", id)
	}
	require.Len(w, want, 2*len(spoiled), "each has its deliveries, whatever is wrong with it")
	w.publish("good", "x")
	claims, aside := w.drain()
	require.Len(w, claims, 4, "the others go on")
	w.setAside(want, aside)
	w.deliver(claims)
	require.Zero(w, w.health("a"), "it is no fault of the endpoint")
	require.Len(w, w.deliveries(driver.DeliveryQuery{}), len(want)+4)
	w.forgetAll()
}

func anEventThatTurnsUnreadableInFlightStopsNothing(w *world) {
	w.subscribe("a", "x")
	spoiled := w.spoilAll(Events, func(n int) string {
		id := fmt.Sprintf("evt_%d", n)
		w.publish(id, "x")
		w.take(1)
		return id
	})
	if len(spoiled) == 0 {
		return
	}
	w.publish("retried", "x")
	c := w.one()
	w.spoil(Events, acme, "retried", 0)
	w.settle(outcome(c, driver.StatePending, attempt(1, 500)))
	_, aside := w.drain()
	w.setAside([]string{c.Delivery.ID}, aside)
	if !w.canPass(request(1).Lease) {
		return
	}
	w.pass(request(1).Lease)
	claims, aside := w.drain()
	require.Len(w, claims, 1, "the last, which nobody spoiled")
	require.Len(w, aside, len(spoiled), "those whose leases ran out")
}

func anUnreadableSubscriptionStopsNoOther(w *world) {
	spoiled := w.spoilAll(Subscriptions, func(n int) string {
		id := fmt.Sprintf("s%02d", n)
		w.subscribe(id, "x")
		w.publish("early_"+id, "x")
		return id
	})
	w.drain() // leases what was there when the first ones were spoiled, or sets it aside
	all := len(spoiled) + 1
	e := w.publish("evt_all", "x")
	require.Equal(w, all, e.Deliveries, "it gets its delivery all the same")
	var want []string
	for _, id := range spoiled {
		for _, d := range w.deliveries(driver.DeliveryQuery{Subscription: id, EventID: "evt_all"}) {
			want = append(want, d.ID)
		}
	}
	require.Len(w, want, len(spoiled))
	claims, aside := w.drain()
	require.Len(w, claims, 1, "the others go on")
	w.setAside(want, aside)
	w.deliver(claims)

	born := w.enqueueClaiming(request(100), publication(acme, "evt_born", "x"))
	require.LessOrEqual(w, len(born), 1, "one that cannot be read is not born claimed")
	w.deliver(born)
	claims, aside = w.drain()
	require.Len(w, aside, len(spoiled))
	w.deliver(claims)
}

func anUnreadableSubscriptionIsReplacedOrRemoved(w *world) {
	spoiled := w.spoilAll(Subscriptions, func(n int) string {
		id := fmt.Sprintf("s%02d", n)
		w.subscribe(id, "x")
		return id
	})
	require.Len(w, w.listed(driver.SubscriptionQuery{Org: acme}), len(spoiled)+1, "lists have no gap")
	for n, id := range spoiled {
		known := w.subscription(acme, id)
		require.Equal(w, driver.StatusDisabled, known.Status, "way %d", n)
		require.Equal(w, driver.ReasonUnreadable, known.StatusReason)
		mended := record(acme, id, "y")
		mended.Version = known.Version
		_, err := w.PutSubscription(w.ctx, mended)
		require.NoError(w, err, "a Put mends it, way %d", n)
		require.Equal(w, mended.URL, w.subscription(acme, id).URL)
		require.Equal(w, 1, w.publish("evt_"+id, "y").Deliveries)
		w.settle(outcome(w.one(), driver.StateDelivered, attempt(1, 200)))

		w.spoil(Subscriptions, acme, id, n)
		require.NoError(w, w.DeleteSubscription(w.ctx, acme, id), "way %d", n)
		require.Zero(w, w.publish("gone_"+id, "y").Deliveries)
		w.deliveries(driver.DeliveryQuery{Subscription: id})
	}
	require.Len(w, w.listed(driver.SubscriptionQuery{Org: acme}), 1)
	w.forgetAll()
}

func aSubscriptionThatTurnsUnreadableInFlightStopsNoSettle(w *world) {
	var claims []driver.Claim
	w.spoilAll(Subscriptions, func(n int) string {
		id := fmt.Sprintf("s%02d", n)
		w.subscribe(id, id)
		w.publish("evt_"+id, id)
		claims = append(claims, w.one())
		return id
	})
	var outcomes []driver.Outcome
	for _, c := range claims {
		o := outcome(c, driver.StateDead, attempt(1, 500))
		o.Health = driver.HealthDead
		outcomes = append(outcomes, o)
	}
	for _, s := range w.settleAll(outcomes...) {
		require.True(w, s.Applied)
	}
}

func anUnreadableDeliveryIsSetAside(w *world) {
	w.subscribe("a", "x")
	spoiled := w.spoilAll(Deliveries, func(n int) string {
		id := fmt.Sprintf("evt_%d", n)
		w.publish(id, "x")
		return w.only(id).ID
	})
	for n, id := range spoiled {
		d := w.delivery(id)
		require.Equal(w, driver.StateDead, d.State, "way %d", n)
		require.Equal(w, driver.ReasonUnreadable, d.Reason)
	}
	require.Len(w, w.deliveries(driver.DeliveryQuery{}), len(spoiled)+1, "lists have no gap")
	w.publish("good", "x")
	claims, aside := w.drain()
	require.Len(w, claims, 2, "the others go on")
	w.setAside(spoiled, aside)
	w.deliver(claims)
	w.forgetAll()
}

func aDeliveryThatTurnsUnreadableInFlightStopsNothing(w *world) {
	w.subscribe("a", "x")
	var claims []driver.Claim
	spoiled := w.spoilAll(Deliveries, func(n int) string {
		w.publish(fmt.Sprintf("evt_%d", n), "x")
		claims = append(claims, w.one())
		return claims[n].Delivery.ID
	})
	var outcomes []driver.Outcome
	for _, c := range claims {
		outcomes = append(outcomes, outcome(c, driver.StatePending, attempt(1, 500)))
	}
	settled := w.settleAll(outcomes...)
	require.True(w, settled[len(spoiled)].Applied, "the others are written")
	if !w.canPass(request(1).Lease) {
		return
	}
	w.pass(request(1).Lease)
	got, _ := w.drain()
	require.Contains(w, deliveryIDs(got), claims[len(spoiled)].Delivery.ID)
	w.deliver(got)
	w.purge(keepAll())
}

func deliveryIDs(claims []driver.Claim) []string {
	ids := make([]string, len(claims))
	for i, c := range claims {
		ids[i] = c.Delivery.ID
	}
	return ids
}

func anUnreadableAttemptIsListedAsSuch(w *world) {
	w.subscribe("a", "x")
	spoiled := w.spoilAll(Attempts, func(n int) string {
		w.publish(fmt.Sprintf("evt_%d", n), "x")
		c := w.one()
		o := outcome(c, driver.StatePending, attempt(1, 500))
		o.After = 10 * w.moment
		w.settle(o)
		return c.Delivery.ID
	})
	w.pass(10 * w.moment)
	for _, c := range w.take(len(spoiled) + 1) {
		w.settle(outcome(c, driver.StateDead, attempt(2, 501)))
	}
	for n, id := range spoiled {
		log := w.attempts(id)
		require.Len(w, log, 2, "way %d", n)
		require.Equal(w, driver.ReasonUnreadable, log[0].ErrorClass)
		require.Equal(w, 2, log[1].N)
		require.Equal(w, 501, log[1].StatusCode, "the others read as they were")
		require.Empty(w, log[1].ErrorClass)
	}
	w.forgetAll()
}

func unreadableMinutesAreLeftOut(w *world) {
	publish := func(id, event string) {
		w.publish(event, id)
		w.settle(outcome(w.one(), driver.StateDelivered, attempt(1, 200)))
	}
	spoiled := w.spoilAll(Minutes, func(n int) string {
		id := fmt.Sprintf("s%02d", n)
		w.subscribe(id, id)
		publish(id, "evt_"+id)
		return id
	})
	for n, id := range spoiled {
		require.Zero(w, w.total(id).attempts(), "way %d", n)
		publish(id, "more_"+id) // it counts on, in whatever way
		w.total(id)
	}
	w.total("")
	w.purgeNothing()
}
