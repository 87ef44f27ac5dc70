package storetest

import (
	"math"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func extremeCases() []func(*world) {
	return []func(*world){
		sinceAndUntilMayBeOfAnyYear,
		minutesOfNoTimeAndOfAllTime,
		aWaitWithoutEndIsNotDue,
		aLeaseWithoutEndHolds,
		negativeWaitsAreDueAtOnce,
		purgeTakesAnyAge,
		attemptsMayTakeAnyTime,
	}
}

const longest = time.Duration(math.MaxInt64)

func sinceAndUntilMayBeOfAnyYear(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	past := []time.Time{
		time.Unix(math.MinInt64, 0), time.Date(-290_000, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(-5000, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC),
		time.Date(1677, 9, 21, 0, 0, 0, 0, time.UTC),
		time.Date(1678, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1734, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	future := []time.Time{
		time.Date(2262, 4, 12, 0, 0, 0, 0, time.UTC), time.Date(2319, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(1_760_000_000_000, 0),
		time.Date(290_000, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(300_000, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(math.MaxInt64-62135596801, 999_999_999),
	}
	for _, at := range past {
		require.Len(w, w.deliveries(driver.DeliveryQuery{Since: at}), 1, "since %s", at)
		require.Empty(w, w.deliveries(driver.DeliveryQuery{Until: at}), "until %s", at)
	}
	for _, at := range future {
		require.Empty(w, w.deliveries(driver.DeliveryQuery{Since: at}), "since %s", at)
		require.Len(w, w.deliveries(driver.DeliveryQuery{Until: at}), 1, "until %s", at)
		require.Len(w, w.deliveries(driver.DeliveryQuery{Since: past[0], Until: at}), 1)
	}
}

func minutesOfNoTimeAndOfAllTime(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	w.finish(driver.StateDelivered)
	for _, sub := range []string{"", "a"} {
		for _, back := range []time.Duration{longest, longest / 2, 25 * time.Hour} {
			list, err := w.Minutes(w.ctx, acme, sub, back)
			require.NoError(w, err)
			require.Len(w, list, 1, "the last %v", back)
		}
		if !w.canPass(10 * time.Minute) {
			return
		}
	}
	w.pass(10 * time.Minute)
	for _, back := range []time.Duration{0, -1, -time.Hour, math.MinInt64} {
		list, err := w.Minutes(w.ctx, acme, "a", back)
		require.NoError(w, err)
		require.Empty(w, list, "the last %v", back)
	}
}

func aWaitWithoutEndIsNotDue(w *world) {
	w.subscribe("a", "x")
	for _, wait := range []time.Duration{longest, longest - 1, longest / 2} {
		w.publish("evt_"+wait.String(), "x")
		o := outcome(w.one(), driver.StatePending, attempt(1, 500))
		o.After = wait
		w.settle(o)
		d := w.only("evt_" + wait.String())
		require.Greater(w, d.NextAt.Sub(d.CreatedAt), 100*365*24*time.Hour, "it wraps")
		require.GreaterOrEqual(w, w.claim(request(1)).NextDue, time.Duration(0))
		w.nothing()
		w.pass(w.moment)
		w.nothing()
	}
}

func aLeaseWithoutEndHolds(w *world) {
	w.subscribe("a", "x")
	r := request(1)
	r.Lease = longest
	w.publish("evt_1", "x")
	c := w.gather(r, 1)
	require.Len(w, c, 1)
	born := w.enqueueClaiming(r, publication(acme, "evt_2", "x"))
	c = append(c, w.gather(r, 1-len(born))...)
	w.pass(w.moment)
	w.nothing()
	require.GreaterOrEqual(w, w.claim(request(1)).NextDue, time.Duration(0))
	for _, c := range append(c, born...) {
		w.settle(outcome(c, driver.StateDelivered, attempt(1, 200)))
	}
}

func negativeWaitsAreDueAtOnce(w *world) {
	w.subscribe("a", "x")
	for _, wait := range []time.Duration{-1, -time.Hour, math.MinInt64} {
		w.publish("evt_"+wait.String(), "x")
		o := outcome(w.one(), driver.StatePending, attempt(1, 500))
		o.After = wait
		w.settle(o)
		c := w.one()
		require.Zero(w, c.Lapses)
		w.settle(outcome(c, driver.StateDelivered, attempt(2, 200)))
	}
}

func purgeTakesAnyAge(w *world) {
	w.subscribe("a", "x")
	w.subscribe("held", "y")
	w.publish("evt_1", "x")
	w.finish(driver.StateDelivered)
	w.publish("evt_2", "y")
	w.turn("held", driver.StatusPaused)
	require.Zero(w, w.purge(driver.PurgeRequest{Finished: longest, Identity: longest, HeldAge: longest,
		HeldMax: math.MaxInt, Limit: 1000}))
	require.Len(w, w.deliveries(driver.DeliveryQuery{}), 2)
	w.pass(w.moment)
	r := driver.PurgeRequest{Finished: -1, Identity: math.MinInt64, HeldAge: longest, HeldMax: math.MaxInt, Limit: 1000}
	require.Equal(w, driver.Purged{Deliveries: 1}, w.purge(r),
		"a negative age is none; identities are kept for a day all the same")
	r.HeldAge = math.MinInt64
	require.Equal(w, 1, w.purge(r).Held)
}

func attemptsMayTakeAnyTime(w *world) {
	w.subscribe("a", "x")
	for _, took := range []time.Duration{0, -1, math.MinInt64, time.Hour, longest} {
		w.publish("evt_"+took.String(), "x")
		a := attempt(1, 200)
		a.Duration = took
		o := outcome(w.one(), driver.StateDelivered, a)
		w.settle(o)
		d := w.only("evt_" + took.String())
		log := w.attempts(d.ID)
		require.Len(w, log, 1)
		if took <= time.Hour {
			require.Equal(w, max(0, took), log[0].Duration, "a negative one counts as 0")
			require.WithinDuration(w, d.FinishedAt.Add(-max(0, took)), log[0].At, time.Minute)
		}
	}
	require.Equal(w, 5, w.total("a").Delivered)
}
