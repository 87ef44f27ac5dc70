package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func replayCases() []func(*world) {
	return []func(*world){
		replayMakesANewDelivery,
		replayLeavesTheOldDeliveryAsItWas,
		replayRepeatsEveryFinishedState,
		replayIsMadeOnceWhileUnfinished,
		replayIsMadeAgainAfterItFinished,
		replayPassesOverTheUnfinished,
		replayPassesOverGoneSubscriptions,
		replayOfAReplayNamesTheReplay,
		replayOfAPausedSubscriptionIsHeld,
		replayAnswersInTheOrderOfTheQuery,
		replayComesInPages,
		replayTakesAllFilters,
		replayByManyAtOnceMakesOne,
	}
}

// replay is one Replay by filter.
func (w *world) replay(q driver.DeliveryQuery) []driver.Replayed {
	w.Helper()
	return w.replayAs(driver.ReplayRequest{DeliveryQuery: q})
}

// repeat replays deliveries that are named.
func (w *world) repeat(ids ...string) []driver.Replayed {
	w.Helper()
	return w.replayAs(driver.ReplayRequest{DeliveryQuery: driver.DeliveryQuery{IDs: ids}, Named: true})
}

func (w *world) replayAs(r driver.ReplayRequest) []driver.Replayed {
	w.Helper()
	r.Org = acme
	made, err := w.Replay(w.ctx, r)
	require.NoError(w, err)
	return made
}

// dead makes a dead delivery of subscription a and returns it.
func (w *world) dead() driver.Delivery {
	w.Helper()
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	return w.finish(driver.StateDead)
}

func replayMakesANewDelivery(w *world) {
	old := w.dead()
	made := w.repeat(old.ID)
	require.Len(w, made, 1)
	require.Equal(w, old.ID, made[0].Old)
	require.NotEqual(w, old.ID, made[0].New)

	d := w.delivery(made[0].New)
	require.Equal(w, "evt_1", d.EventID)
	require.Equal(w, "a", d.SubscriptionID)
	require.Equal(w, driver.StatePending, d.State)
	require.Equal(w, old.ID, d.ReplayedFrom)
	require.Zero(w, d.Attempt)
	require.False(w, d.NextAt.IsZero())
	require.True(w, d.FinishedAt.IsZero())
	require.Empty(w, w.attempts(d.ID))

	c := w.one()
	require.Equal(w, d.ID, c.Delivery.ID, "due at once")
	require.Equal(w, old.ID, c.Delivery.ReplayedFrom)
	require.Zero(w, c.Delivery.Attempt)
	require.Zero(w, c.Lapses)
	w.settle(outcome(c, driver.StateDelivered, attempt(1, 200)))
	require.Equal(w, old.ID, w.delivery(d.ID).ReplayedFrom, "it stays known")
}

func replayLeavesTheOldDeliveryAsItWas(w *world) {
	old := w.dead()
	old.ReplayedBy = w.repeat(old.ID)[0].New
	w.settle(outcome(w.one(), driver.StateDelivered, attempt(1, 200)))
	require.Equal(w, old, w.delivery(old.ID))
	require.Len(w, w.attempts(old.ID), 1)
	require.Len(w, w.deliveries(driver.DeliveryQuery{EventID: "evt_1"}), 2)
}

func replayRepeatsEveryFinishedState(w *world) {
	w.subscribe("a", "x")
	for _, state := range []driver.State{driver.StateDelivered, driver.StateDead, driver.StateCancelled} {
		w.publish("evt_"+string(state), "x")
		old := w.finish(state)
		require.Len(w, w.repeat(old.ID), 1, "of one that is %s", state)
		w.finish(driver.StateDelivered)
	}
}

func replayIsMadeOnceWhileUnfinished(w *world) {
	old := w.dead()
	require.Len(w, w.repeat(old.ID), 1)
	require.Empty(w, w.repeat(old.ID), "it waits")
	c := w.one()
	require.Empty(w, w.repeat(old.ID), "it is in flight")
	o := outcome(c, driver.StatePending, attempt(1, 500))
	o.After = w.moment
	w.settle(o)
	require.Empty(w, w.repeat(old.ID), "it waits for a retry")
	w.turn("a", driver.StatusPaused)
	require.Empty(w, w.repeat(old.ID), "it is held")
	require.Len(w, w.deliveries(driver.DeliveryQuery{EventID: "evt_1"}), 2)
}

func replayIsMadeAgainAfterItFinished(w *world) {
	old := w.dead()
	for _, state := range []driver.State{driver.StateDead, driver.StateDelivered, driver.StateCancelled} {
		made := w.repeat(old.ID)
		require.Len(w, made, 1, "before it ends as %s", state)
		require.Equal(w, made[0].New, w.finish(state).ID)
	}
	require.Len(w, w.deliveries(driver.DeliveryQuery{EventID: "evt_1"}), 4)
}

func replayPassesOverTheUnfinished(w *world) {
	w.subscribe("a", "x")
	w.publishMany("evt_", 4, "x")
	claims := w.take(3) // the fourth is due
	o := outcome(claims[0], driver.StatePending, attempt(1, 500))
	o.After = time.Hour
	w.settle(o) // waits for a retry; claims[1] is in flight
	w.settle(outcome(claims[2], driver.StateDead, attempt(1, 500)))
	made := w.replay(driver.DeliveryQuery{Subscription: "a"})
	require.Len(w, made, 1)
	require.Equal(w, claims[2].Delivery.ID, made[0].Old)
}

func replayPassesOverGoneSubscriptions(w *world) {
	old := w.dead()
	require.NoError(w, w.DeleteSubscription(w.ctx, acme, "a"))
	w.purgeNothing()
	require.Empty(w, w.repeat(old.ID))
	require.Len(w, w.deliveries(driver.DeliveryQuery{}), 1)
}

func replayOfAReplayNamesTheReplay(w *world) {
	first := w.dead()
	second := w.repeat(first.ID)[0].New
	w.finish(driver.StateDead)
	third := w.repeat(second)
	require.Len(w, third, 1)
	require.Equal(w, second, w.delivery(third[0].New).ReplayedFrom)
}

func replayOfAPausedSubscriptionIsHeld(w *world) {
	old := w.dead()
	w.turn("a", driver.StatusPaused)
	made := w.repeat(old.ID)
	require.Len(w, made, 1)
	require.Equal(w, driver.StateHeld, w.delivery(made[0].New).State)
	w.nothing()
	w.turn("a", driver.StatusActive)
	require.Equal(w, made[0].New, w.one().Delivery.ID)
}

// deadLetters makes n dead deliveries and returns their ids, newest first.
func (w *world) deadLetters(n int) []string {
	w.Helper()
	all := w.logOf(n)
	for _, c := range w.take(n) {
		w.settle(outcome(c, driver.StateDead, nil))
	}
	return all
}

func replayAnswersInTheOrderOfTheQuery(w *world) {
	all := w.deadLetters(8)
	made := w.repeat(all[5], all[1], all[3], "unknown")
	require.Equal(w, []string{all[1], all[3], all[5]}, olds(made))
	for _, r := range made {
		require.Equal(w, r.Old, w.delivery(r.New).ReplayedFrom)
	}
}

func replayComesInPages(w *world) {
	all := w.deadLetters(23)
	q := driver.DeliveryQuery{States: []driver.State{driver.StateDead}, Limit: 5}
	var got []string
	for range 10 {
		made := w.replay(q)
		require.LessOrEqual(w, len(made), 5)
		if len(made) == 0 {
			break
		}
		got = append(got, olds(made)...)
		q.After = made[len(made)-1].Old
	}
	require.Equal(w, all, got, "each once")
	w.take(23)
	w.nothing()
}

func replayTakesAllFilters(w *world) {
	made := w.diverse()
	require.Empty(w, w.replay(driver.DeliveryQuery{Channel: "waba"}), "it is unfinished")
	require.Empty(w, w.replay(driver.DeliveryQuery{Until: made["one"].CreatedAt}))
	require.Equal(w, []string{made["two"].ID},
		olds(w.replay(driver.DeliveryQuery{States: []driver.State{driver.StateDead}})))
	require.Equal(w, []string{made["three"].ID, made["one"].ID}, olds(w.replay(driver.DeliveryQuery{Device: "6281"})))
	require.Empty(w, w.replay(driver.DeliveryQuery{}), "nothing is left to repeat")
}

func replayByManyAtOnceMakesOne(w *world) {
	old := w.dead()
	requests := []driver.ReplayRequest{
		{DeliveryQuery: driver.DeliveryQuery{Org: acme, IDs: []string{old.ID}}, Named: true},
		{DeliveryQuery: driver.DeliveryQuery{Org: acme}},
	}
	made := parallel(16, func(i int) []driver.Replayed {
		list, err := w.Replay(w.ctx, requests[i%2])
		if err != nil {
			return []driver.Replayed{{Old: err.Error()}, {}}
		}
		return list
	})
	total := 0
	for _, list := range made {
		total += len(list)
	}
	require.Equal(w, 1, total, "%v", made)
	w.one()
}

func olds(made []driver.Replayed) []string {
	ids := make([]string, len(made))
	for i, r := range made {
		ids[i] = r.Old
	}
	return ids
}
