package pgstore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// A rewrite of the table, as VACUUM FULL makes it, moves rows that are leased.
func TestWhatWasMovedIsSettled(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	w.publish(publications("a", "gone", 10, "x")...)
	var done []driver.Outcome
	for _, c := range w.claim(request(10)).Claims {
		done = append(done, delivered(c))
	}
	w.publish(publications("a", "e", 10, "x")...)
	claims := w.claim(request(10)).Claims
	w.settle(done...)
	w.exec("vacuum full {schema}.unfinished_deliveries")
	done = nil
	for _, c := range claims {
		done = append(done, delivered(c))
	}
	for _, s := range w.settle(done...) {
		require.True(t, s.Applied)
	}
	for _, s := range w.settle(done...) {
		require.True(t, s.Applied, "a repeat")
	}
	require.Zero(t, w.count("select count(*) from {schema}.unfinished_deliveries"))
	require.Equal(t, 20, w.count("select count(*) from {schema}.attempts"))
	require.Equal(t, 20, w.minutes("delivered"))
}

// Deliveries of a subscription that has other outcomes beside them go another way, in the order in which they come.
func TestMixedOutcomesKeepTheirOrder(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s0", driver.StatusActive, "x0")
	w.subscribe("a", "s1", driver.StatusActive, "x1")
	w.publish(append(publications("a", "e", 4, "x0"), publications("a", "f", 4, "x1")...)...)
	var done []driver.Outcome
	for i, c := range w.claim(request(8)).Claims {
		if c.Delivery.SubscriptionID == "s0" && i%2 == 0 {
			done = append(done, died(c))
		} else {
			done = append(done, delivered(c))
		}
	}
	dead := 0 // since the last success of s0
	for _, o := range done {
		switch {
		case o.Subscription != "s0":
		case o.State == driver.StateDead:
			dead++
		default:
			dead = 0
		}
	}
	for i, s := range w.settle(done...) {
		require.True(t, s.Applied)
		if done[i].Subscription == "s0" {
			require.Equal(t, dead, s.Health.ConsecutiveDead)
		} else {
			require.Zero(t, s.Health)
		}
	}
	require.Equal(t, 6, w.minutes("delivered"))
	require.Equal(t, 2, w.minutes("failed"))
}

func TestASuccessEndsARowOfFailures(t *testing.T) {
	w := open(t)
	for i := range 3 {
		w.subscribe("a", fmt.Sprint("s", i), driver.StatusActive, "x")
	}
	w.publish(publication("a", "e1", "x"), publication("a", "e2", "x"))
	for i, end := range []func(driver.Claim) driver.Outcome{died, delivered} {
		r := request(3)
		r.PerSubscription = 1
		for _, c := range w.claim(r).Claims {
			w.settle(end(c))
		}
		require.Equal(t, 3*(1-i), w.count("select sum(consecutive_dead)::int from {schema}.health"))
	}
}

// Counts are read the same before and after they are added up, and settles see to it that few wait for that.
func TestCountsAreFolded(t *testing.T) {
	const settles = 200
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	w.publish(publications("a", "e", settles, "x")...)
	for _, c := range w.claim(request(settles)).Claims {
		w.settle(delivered(c))
	}
	require.Less(t, w.count("select count(*) from {schema}.minutes_to_add"), 64)
	read := func() (n int) {
		list, err := w.Minutes(w.ctx, "a", "s", time.Hour)
		require.NoError(t, err)
		for _, m := range list {
			n += m.Delivered
		}
		return n
	}
	require.Equal(t, settles, read())
	require.Equal(t, settles, w.minutes("delivered"))
	require.Equal(t, settles, read())
}
