package pgstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const day = 24 * time.Hour

func keepAll() driver.PurgeRequest {
	return driver.PurgeRequest{Finished: 30 * day, Identity: 2 * day, HeldAge: 30 * day, HeldMax: 1 << 30, Limit: 100}
}

func (w *world) purge(r driver.PurgeRequest) (sum driver.Purged) {
	w.Helper()
	for {
		p, err := w.Purge(w.ctx, r)
		require.NoError(w, err)
		if p == (driver.Purged{}) {
			return sum
		}
		sum.Deliveries, sum.Events, sum.Held = sum.Deliveries+p.Deliveries, sum.Events+p.Events, sum.Held+p.Held
	}
}

// Everything that a busy life leaves behind is forgotten in the end: each table is empty again.
func TestNothingIsKeptForEver(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	w.publish(publications("a", "e", 250, "x", "y")...)
	w.publish(publications("a", "nobody", 250, "z")...)
	var done []driver.Outcome
	for i, c := range w.all() {
		switch o := died(c); i % 4 {
		case 0:
			done = append(done, o)
		case 1:
			o.State, o.After, o.Health = driver.StatePending, time.Hour, driver.HealthUnchanged
			done = append(done, o)
		case 2:
			done = append(done, delivered(c))
		}
	}
	w.settle(done...)
	dead := driver.DeliveryQuery{Org: "a", States: []driver.State{driver.StateDead}, Limit: 20}
	made, err := w.Replay(w.ctx, driver.ReplayRequest{DeliveryQuery: dead})
	require.NoError(t, err)
	require.Len(t, made, 20)
	listens(t, w.peer())
	soon := keepAll()
	soon.Finished = 0
	require.Positive(t, w.purge(soon).Deliveries, "sooner than the identities of their events")
	require.NoError(t, w.DeleteSubscription(w.ctx, "a", "s"))
	w.advance(2 * day)
	w.purge(keepAll())
	w.advance(31 * day)
	w.purge(keepAll())
	w.purge(keepAll())
	for _, table := range []string{
		"events", "unfinished_deliveries", "attempts", "replays", "topics", "health", "minutes", "minutes_to_add",
		"processes", "subscriptions",
	} {
		require.Zero(t, w.count("select count(*) from {schema}."+table), table)
	}
}

// A publication that saw a subscription before it was removed may commit after it.
func TestALateDeliveryOfARemovedSubscriptionIsEnded(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	tx := w.begin()
	_, _, err := tx.Enqueue(w.ctx, []driver.Publication{publication("a", "e", "x")}, nil)
	require.NoError(t, err)
	require.NoError(t, w.DeleteSubscription(w.ctx, "a", "s"))
	w.purge(keepAll())
	require.NoError(t, tx.commit())
	list, err := w.Deliveries(w.ctx, driver.DeliveryQuery{Org: "a"})
	require.NoError(t, err)
	require.Equal(t, driver.StateCancelled, list[0].State)
	require.Empty(t, w.claim(request(1)).Claims)
	w.purge(keepAll())
	require.Zero(t, w.count("select count(*) from {schema}.unfinished_deliveries"))
	again, err := w.Deliveries(w.ctx, driver.DeliveryQuery{Org: "a"})
	require.NoError(t, err)
	require.Equal(t, list, again, "it reads the same")
}

// However much a removed subscription leaves behind, Purge comes to the rest, and in the end to all of it.
func TestALargeRemovedBacklogHoldsUpNothing(t *testing.T) {
	w := open(t)
	w.seed(1, 10_000, 0)
	require.NoError(t, w.DeleteSubscription(w.ctx, "o", "s0"))
	r := keepAll()
	r.Limit = 1 // many steps
	left := func() int { return w.count("select count(*) from {schema}.unfinished_deliveries") }
	for before := left(); before > 0; before = left() {
		ctx, cancel := context.WithTimeout(w.ctx, 3*time.Second)
		_, err := w.Purge(ctx, r)
		cancel()
		require.NoError(t, err)
		require.Less(t, left(), before)
		r.Limit = 1000
	}
}

// Purge and Replay want the same event: it stays while a replay is being made.
func TestAReplayHoldsItsEvent(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	w.publish(publication("a", "e", "x"))
	w.settle(died(w.claim(request(1)).Claims[0]))
	w.advance(40 * day)
	tx := w.begin()
	require.NoError(t, tx.exec(w.in(`select * from {schema}.replay('a',
		(select array_agg(delivery) from {schema}.attempts),
		(select array_agg(subscription) from {schema}.attempts), false)`)))
	done := make(chan driver.Purged)
	go func() {
		p, err := w.Purge(w.ctx, keepAll())
		if err != nil {
			t.Error(err)
		}
		done <- p
	}()
	w.untilBlocked(1)
	require.NoError(t, tx.commit())
	require.Equal(t, driver.Purged{Deliveries: 1}, <-done)
	c := w.claim(request(1)).Claims
	require.Len(t, c, 1)
	require.Equal(t, "e", c[0].Event.Event.ID)
	require.NotEmpty(t, c[0].Delivery.ReplayedFrom)
}

// What is in flight when its subscription goes has finished once it is let go, or once its lease has run out.
func TestWhatWasInFlightEndsWhenItIsLetGo(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	w.publish(publications("a", "e", 2, "x")...)
	r := request(2)
	r.Lease = 10 * time.Minute
	claims := w.claim(r).Claims
	require.Len(t, claims, 2)
	require.NoError(t, w.DeleteSubscription(w.ctx, "a", "s"))
	w.advance(10 * time.Minute)
	w.settle(outcome(claims[0], driver.StatePending, nil, driver.HealthUnchanged))
	for _, d := range []int{0, 2} {
		w.advance(10 * time.Minute)
		p, err := w.Purge(w.ctx, driver.PurgeRequest{
			Finished: 15 * time.Minute, Identity: 48 * time.Hour, HeldAge: time.Hour, HeldMax: 10, Limit: 100,
		})
		require.NoError(t, err)
		require.Equal(t, d, p.Deliveries)
	}
}

// Somebody else holds some of each kind of row that is to go: they stay until he lets go, and the others do not wait
// for them.
func TestPurgeLeavesWhatOthersHold(t *testing.T) {
	w := open(t)
	w.subscribe("a", "gone", driver.StatusActive, "x")
	w.subscribe("a", "paused", driver.StatusActive, "x")
	w.publish(publications("a", "counted", 1, "x")...)
	for _, c := range w.all() {
		w.settle(delivered(c))
	}
	w.turn("a", "paused", driver.StatusPaused)
	w.publish(publications("a", "waits", 3, "x")...)
	for _, c := range w.all() { // those of gone; one of them is to be tried later
		if o := died(c); c.Event.Event.ID == "waits0" {
			o.State, o.After = driver.StatePending, time.Hour
			w.settle(o)
		}
	}
	w.publish(publications("a", "idle", 2)...)
	w.minutes("delivered")
	require.NoError(t, w.DeleteSubscription(w.ctx, "a", "gone"))
	w.advance(31 * day)
	tx := w.begin()
	held := func(table, which string) {
		t.Helper()
		require.NoError(t, tx.exec(w.in("select 1 from {schema}."+table+" where "+which+" for update")))
	}
	held("unfinished_deliveries", "number in (select number from {schema}.events where id in ('waits0', 'waits1'))")
	held("events", "id = 'idle0'")
	held("minutes", "subscription = (select min(subscription) from {schema}.minutes)")
	w.purge(keepAll())
	rows := func() (n [3]int) {
		for i, table := range []string{"unfinished_deliveries", "events where unreferenced", "minutes"} {
			n[i] = w.count("select count(*) from {schema}." + table)
		}
		return n
	}
	require.Equal(t, [3]int{4, 1, 1}, rows(), "of the removed and of the paused subscription two each")
	tx.rollback()
	w.purge(keepAll())
	require.Equal(t, [3]int{}, rows())
}
