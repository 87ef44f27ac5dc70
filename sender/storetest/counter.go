package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func counterCases() []func(*world) {
	return []func(*world){countsTellWhatDeliveriesWaitFor}
}

func countsTellWhatDeliveriesWaitFor(w *world) {
	counter, ok := w.counter()
	if !ok {
		w.Logf("not run: the store is no driver.Counter")
		return
	}
	counts := func(org string) driver.Counts {
		w.Helper()
		c, err := counter.Counts(w.ctx, org)
		require.NoError(w, err)
		return c
	}
	require.Zero(w, counts(acme))
	w.subscribe("a", "x")
	w.subscribe("b", "y")
	w.publishMany("x_", 6, "x")
	w.publishMany("y_", 2, "y")
	w.turn("b", driver.StatusPaused)
	w.create(record(rival, "r", "x"))
	w.enqueue(publication(rival, "evt_1", "x"))
	require.Equal(w, driver.Counts{Due: 6, Held: 2}, counts(acme))

	for _, c := range w.take(7) {
		if c.Delivery.Org == rival {
			continue
		}
		state := map[string]driver.State{"x_00000": driver.StateDead, "x_00001": driver.StateDead,
			"x_00002": driver.StateDelivered}[c.Delivery.EventID]
		o := outcome(c, state, nil)
		if state == "" {
			o.State = driver.StatePending
		}
		if c.Delivery.EventID == "x_00003" {
			o.After = time.Hour
		}
		w.settle(o)
	}
	require.Equal(w, driver.Counts{Due: 2, Waiting: 1, Held: 2, Dead: 2}, counts(acme))
	require.Zero(w, counts("org_unknown"))

	w.pass(w.moment)
	r := keepAll()
	r.Finished = w.moment / 2
	w.purge(r)
	require.Equal(w, driver.Counts{Due: 2, Waiting: 1, Held: 2}, counts(acme), "what is forgotten is not counted")
}
