package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func minuteCases() []func(*world) {
	return []func(*world){
		minutesCountAttempts,
		minutesCountWhatAppliedAlone,
		minutesOfAnOrgAddUpItsSubscriptions,
		minutesStandOldestFirstAndLeaveOutEmptyOnes,
		minutesOfAnUnknownSubscriptionAreNotFound,
	}
}

// tally is the sum of minutes.
type tally driver.Minute

func (t tally) attempts() int { return t.Delivered + t.Failed }

// total adds up the last hour of a subscription, "" = of org acme.
func (w *world) total(sub string) (t tally) {
	w.Helper()
	list, err := w.Minutes(w.ctx, acme, sub, time.Hour)
	require.NoError(w, err)
	for _, m := range list {
		t.Delivered += m.Delivered
		t.Failed += m.Failed
		for i, n := range m.Durations {
			t.Durations[i] += n
		}
	}
	return t
}

func minutesCountAttempts(w *world) {
	w.subscribe("a", "x")
	w.publishMany("evt_", 4, "x")
	claims := w.take(4)
	for i, d := range []time.Duration{5 * time.Millisecond, 6 * time.Millisecond, time.Hour} {
		a := attempt(1, 200)
		a.Duration = d
		o := outcome(claims[i], []driver.State{driver.StateDelivered, driver.StatePending, driver.StateDead}[i], a)
		o.After = time.Hour
		w.settle(o)
	}
	w.settle(outcome(claims[3], driver.StateCancelled, nil))
	want := tally{Delivered: 1, Failed: 2}
	want.Durations[0], want.Durations[1], want.Durations[len(want.Durations)-1] = 1, 1, 1
	require.Equal(w, want, w.total("a"), "attempts, not outcomes")
}

func minutesCountWhatAppliedAlone(w *world) {
	stale, held := w.takenOver()
	w.settleAll(outcome(stale, driver.StateDelivered, attempt(1, 200)))
	require.Zero(w, w.total("a").attempts())
	o := outcome(held, driver.StateDelivered, attempt(1, 200))
	w.settle(o)
	w.settle(o)
	require.Equal(w, 1, w.total("a").attempts())
}

func minutesOfAnOrgAddUpItsSubscriptions(w *world) {
	for _, id := range []string{"a", "b"} {
		w.subscribe(id, id)
		w.publish("evt_"+id, id)
		w.settle(outcome(w.one(), driver.StateDelivered, attempt(1, 200)))
	}
	w.create(record(rival, "a", "a"))
	w.enqueue(publication(rival, "evt_a", "a"))
	w.settle(outcome(w.one(), driver.StateDead, attempt(1, 500)))

	require.Equal(w, 1, w.total("a").Delivered)
	require.Equal(w, 1, w.total("b").Delivered)
	require.Equal(w, 2, w.total("").Delivered)
	require.Zero(w, w.total("").Failed, "the other org's")
}

func minutesStandOldestFirstAndLeaveOutEmptyOnes(w *world) {
	if !w.canPass(30 * time.Minute) {
		return
	}
	w.subscribe("a", "x")
	list, err := w.Minutes(w.ctx, acme, "a", time.Hour)
	require.NoError(w, err)
	require.Empty(w, list)
	for n := 1; n <= 3; n++ {
		w.judged(make([]driver.HealthEvent, n)...)
		w.pass(10 * time.Minute)
	}
	list, err = w.Minutes(w.ctx, acme, "a", time.Hour)
	require.NoError(w, err)
	require.Len(w, list, 3)
	for i, m := range list {
		require.Equal(w, i+1, m.Failed)
		require.Zero(w, m.At.Second())
		require.Zero(w, m.At.Nanosecond())
		if i > 0 {
			require.Equal(w, 10*time.Minute, m.At.Sub(list[i-1].At))
		}
	}
	recent, err := w.Minutes(w.ctx, acme, "a", 15*time.Minute)
	require.NoError(w, err)
	require.Equal(w, list[2:], recent, "the last 15 minutes")
}

func minutesOfAnUnknownSubscriptionAreNotFound(w *world) {
	w.create(record(rival, "foreign", "x"))
	for _, id := range []string{"unknown", "foreign"} {
		_, err := w.Minutes(w.ctx, acme, id, time.Hour)
		require.ErrorIs(w, err, driver.ErrNotFound, "subscription %s", id)
	}
	require.Zero(w, w.total("").attempts(), "an org without anything has no minutes")
}
