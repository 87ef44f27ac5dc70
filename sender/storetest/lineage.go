package storetest

import (
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Of one event and subscription there may be several deliveries: the first, and its replays. A replay by filter sends
// the event once, for all of them.
func lineageCases() []func(*world) {
	return []func(*world){
		aFilterRepeatsTheNewestOfEachEvent,
		aFilterRepeatsEachEventOnceOverAllPages,
		aFilterRepeatsNothingThatArrivedLater,
		aFilterRepeatsNothingOfWhichALaterOneIsUnfinished,
		aFilterThatLeavesLaterOnesOutRepeatsWhatItSelects,
		aFilterByIDsRepeatsTheNewestOfThem,
		theSameFilterAgainRepeatsOnceMoreUntilItArrives,
		aNamedDeliveryIsRepeatedWhateverCameLater,
		replayedByNamesTheNewestReplay,
	}
}

var deadOnes = driver.DeliveryQuery{States: []driver.State{driver.StateDead}}

// twice makes two dead deliveries of each of n events and returns their ids: those of the first, those of their
// replays.
func (w *world) twice(n int) (firsts, seconds []string) {
	w.Helper()
	firsts = w.deadLetters(n)
	for _, r := range w.repeat(firsts...) {
		seconds = append(seconds, r.New)
	}
	require.Len(w, seconds, n)
	for _, c := range w.take(n) {
		w.settle(outcome(c, driver.StateDead, nil))
	}
	return firsts, seconds
}

func aFilterRepeatsTheNewestOfEachEvent(w *world) {
	_, seconds := w.twice(5)
	require.ElementsMatch(w, seconds, olds(w.replay(deadOnes)))
	require.Len(w, w.take(5), 5)
	w.nothing()
	require.Empty(w, w.replay(deadOnes), "all are unfinished")
}

func aFilterRepeatsEachEventOnceOverAllPages(w *world) {
	_, seconds := w.twice(7)
	q := deadOnes
	q.Limit = 2
	var got []string
	for range 20 {
		made := w.replay(q)
		got = append(got, olds(made)...)
		for _, c := range w.take(len(made)) { // what a page has made is dead again before the next
			w.settle(outcome(c, driver.StateDead, nil))
		}
		if len(made) < q.Limit {
			break
		}
		q.After = made[len(made)-1].Old
	}
	require.ElementsMatch(w, seconds, got, "each event once")
}

func aFilterRepeatsNothingThatArrivedLater(w *world) {
	old := w.dead()
	w.repeat(old.ID)
	arrived := w.finish(driver.StateDelivered)
	require.Empty(w, w.replay(deadOnes))
	require.Empty(w, w.replay(driver.DeliveryQuery{EventID: old.EventID, Until: arrived.CreatedAt}))
	require.Equal(w, []string{arrived.ID}, olds(w.replay(driver.DeliveryQuery{})), "unless what arrived is asked for")
}

func aFilterRepeatsNothingOfWhichALaterOneIsUnfinished(w *world) {
	first := w.dead()
	w.repeat(first.ID)
	w.finish(driver.StateDead)
	w.repeat(first.ID) // its child is no replay of the second, and later than it
	require.Empty(w, w.replay(deadOnes))
	c := w.one()
	require.Empty(w, w.replay(deadOnes), "in flight")
	w.settle(outcome(c, driver.StateDead, nil))
	require.Equal(w, []string{c.Delivery.ID}, olds(w.replay(deadOnes)))
}

func aFilterThatLeavesLaterOnesOutRepeatsWhatItSelects(w *world) {
	first := w.dead()
	w.pass(w.moment / 10)
	w.repeat(first.ID)
	second := w.finish(driver.StateDead)
	w.pass(w.moment / 10)
	w.repeat(second.ID)
	third := w.finish(driver.StateCancelled)
	w.pass(w.moment / 10)
	// Every replay below ends cancelled: no later one that is dead, delivered or unfinished.
	repeats := func(want driver.Delivery, q driver.DeliveryQuery) driver.Delivery {
		w.Helper()
		require.Equal(w, []string{want.ID}, olds(w.replay(q)), "%+v", q)
		w.pass(w.moment / 10)
		return w.finish(driver.StateCancelled)
	}
	repeats(second, deadOnes)
	repeats(first, driver.DeliveryQuery{States: deadOnes.States, Until: second.CreatedAt})
	repeats(second, driver.DeliveryQuery{States: deadOnes.States, Since: second.CreatedAt, Until: third.CreatedAt})
	repeats(third, driver.DeliveryQuery{Since: third.CreatedAt, Until: third.CreatedAt.Add(w.moment / 20)})
	newest := repeats(second, deadOnes)
	repeats(newest, driver.DeliveryQuery{States: []driver.State{driver.StateCancelled, driver.StateDead}})
}

func aFilterByIDsRepeatsTheNewestOfThem(w *world) {
	firsts, seconds := w.twice(1)
	third := w.repeat(seconds...)[0].New
	w.finish(driver.StateDead)
	q := driver.DeliveryQuery{IDs: []string{seconds[0], firsts[0]}}
	require.Equal(w, seconds, olds(w.replay(q)), "%s is not asked for", third)
}

func theSameFilterAgainRepeatsOnceMoreUntilItArrives(w *world) {
	w.deadLetters(3)
	for range 4 {
		require.Len(w, w.replay(deadOnes), 3)
		require.Empty(w, w.replay(deadOnes))
		for _, c := range w.take(3) {
			w.settle(outcome(c, driver.StateDead, nil))
		}
	}
	require.Len(w, w.replay(deadOnes), 3)
	for _, c := range w.take(3) {
		w.settle(outcome(c, driver.StateDelivered, attempt(1, 200)))
	}
	require.Empty(w, w.replay(deadOnes))
	require.Len(w, w.deliveries(driver.DeliveryQuery{}), 3+4*3+3)
}

func aNamedDeliveryIsRepeatedWhateverCameLater(w *world) {
	old := w.dead()
	w.repeat(old.ID)
	w.finish(driver.StateDelivered)
	require.Len(w, w.repeat(old.ID), 1, "it arrived later")
	w.finish(driver.StateDead)
	require.Len(w, w.repeat(old.ID), 1)
}

func replayedByNamesTheNewestReplay(w *world) {
	old := w.dead()
	require.Empty(w, old.ReplayedBy)
	for range 2 {
		made := w.repeat(old.ID)[0].New
		require.Equal(w, made, w.delivery(old.ID).ReplayedBy, "unfinished")
		w.finish(driver.StateDead)
		d := w.delivery(old.ID)
		require.Equal(w, made, d.ReplayedBy)
		require.Equal(w, old.ID, w.delivery(made).ReplayedFrom)
	}
	newest := w.deliveries(driver.DeliveryQuery{})[0]
	require.Empty(w, newest.ReplayedBy)
	next := w.repeat(newest.ID)[0].New
	require.Equal(w, next, w.delivery(newest.ID).ReplayedBy)
	require.Equal(w, newest.ID, w.delivery(old.ID).ReplayedBy, "what repeats the replay does not repeat the first")
}
