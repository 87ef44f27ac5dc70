package storetest

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func healthCases() []func(*world) {
	return []func(*world){
		healthCountsDeadInARow,
		healthIsZeroAfterASuccess,
		healthIsUntouchedByTheRest,
		healthIsCountedInTheOrderOfTheBatch,
		healthFailsSinceTheFirstDeadOfTheRow,
		healthIsZeroOnBecomingActive,
		healthIsZeroAtAnotherURL,
		healthIsNotWrittenByPut,
		healthIsOfEachSubscriptionAlone,
	}
}

// judged settles as many deliveries of subscription a as there are events, in one batch.
func (w *world) judged(events ...driver.HealthEvent) []driver.Settled {
	w.Helper()
	w.batches++
	w.publishMany(fmt.Sprintf("judged%d_", w.batches), len(events), "x")
	outcomes := make([]driver.Outcome, len(events))
	for i, c := range w.take(len(events)) {
		state := driver.StateDead
		if events[i] == driver.HealthSuccess {
			state = driver.StateDelivered
		}
		outcomes[i] = outcome(c, state, attempt(1, 500))
		outcomes[i].Health = events[i]
	}
	return w.settleAll(outcomes...)
}

func (w *world) health(id string) driver.Health {
	w.Helper()
	return w.subscription(acme, id).Health
}

func healthCountsDeadInARow(w *world) {
	w.subscribe("a", "x")
	require.Zero(w, w.health("a"))
	for n := 1; n <= 30; n++ {
		require.Equal(w, n, w.judged(driver.HealthDead)[0].Health.ConsecutiveDead)
	}
	require.Equal(w, 30, w.health("a").ConsecutiveDead)
}

func healthIsZeroAfterASuccess(w *world) {
	w.subscribe("a", "x")
	w.judged(driver.HealthDead, driver.HealthDead)
	require.Zero(w, w.judged(driver.HealthSuccess)[0].Health)
	require.Zero(w, w.health("a"))
	require.Equal(w, 1, w.judged(driver.HealthDead)[0].Health.ConsecutiveDead, "and counts from one again")
}

func healthIsUntouchedByTheRest(w *world) {
	w.subscribe("a", "x")
	w.judged(driver.HealthDead, driver.HealthDead)
	w.publishMany("evt_", 3, "x")
	for i, c := range w.take(3) {
		o := outcome(c, []driver.State{driver.StatePending, driver.StateDelivered, driver.StateDead}[i], attempt(1, 200))
		o.After = time.Hour
		require.Equal(w, 2, w.settle(o).Health.ConsecutiveDead, "HealthUnchanged, whatever the state")
	}
	require.Equal(w, 2, w.health("a").ConsecutiveDead)
}

func healthIsCountedInTheOrderOfTheBatch(w *world) {
	const dead, ok = driver.HealthDead, driver.HealthSuccess
	for _, batch := range []struct {
		events []driver.HealthEvent
		want   int
	}{
		{[]driver.HealthEvent{dead, dead, dead}, 3},
		{[]driver.HealthEvent{dead, dead, ok}, 0},
		{[]driver.HealthEvent{ok, dead, dead}, 2},
		{[]driver.HealthEvent{dead, ok, dead, dead, driver.HealthUnchanged}, 2},
	} {
		w.subscribe("a", "x")
		for _, s := range w.judged(batch.events...) {
			require.True(w, s.Applied)
			require.Equal(w, batch.want, s.Health.ConsecutiveDead, "each answers with the health after the batch, %v",
				batch.events)
		}
		require.Equal(w, batch.want, w.health("a").ConsecutiveDead)
		require.NoError(w, w.DeleteSubscription(w.ctx, acme, "a"))
	}
}

func healthFailsSinceTheFirstDeadOfTheRow(w *world) {
	w.subscribe("a", "x")
	require.Less(w, w.judged(driver.HealthDead)[0].Health.FailingFor, w.moment)
	w.pass(w.moment)
	s := w.judged(driver.HealthDead)[0]
	require.GreaterOrEqual(w, s.Health.FailingFor, w.moment, "since the first")
	require.Less(w, s.Health.FailingFor, 10*w.moment)
	require.GreaterOrEqual(w, w.health("a").FailingFor, w.moment)

	w.judged(driver.HealthSuccess)
	require.Zero(w, w.health("a").FailingFor)
	w.judged(driver.HealthDead)
	require.Less(w, w.health("a").FailingFor, w.moment, "a new row")

	if w.canPass(5 * 24 * time.Hour) {
		w.pass(5 * 24 * time.Hour)
		require.GreaterOrEqual(w, w.judged(driver.HealthDead)[0].Health.FailingFor, 5*24*time.Hour)
	}
}

func healthIsZeroOnBecomingActive(w *world) {
	w.subscribe("a", "x")
	w.judged(driver.HealthDead, driver.HealthDead)
	w.turn("a", driver.StatusDisabled)
	require.Equal(w, 2, w.health("a").ConsecutiveDead, "kept while it is not active")
	w.turn("a", driver.StatusPaused)
	require.Equal(w, 2, w.health("a").ConsecutiveDead)
	w.turn("a", driver.StatusActive)
	require.Zero(w, w.health("a"))
	require.Equal(w, 1, w.judged(driver.HealthDead)[0].Health.ConsecutiveDead)
}

func healthIsZeroAtAnotherURL(w *world) {
	for _, status := range []driver.Status{driver.StatusActive, driver.StatusPaused} {
		w.subscribe("a", "x")
		w.judged(driver.HealthDead, driver.HealthDead)
		r := w.subscription(acme, "a")
		r.URL, r.Status = "https://example.org/moved", status
		_, err := w.PutSubscription(w.ctx, r)
		require.NoError(w, err)
		require.Zero(w, w.health("a"))
		w.turn("a", driver.StatusActive)
		require.Equal(w, 1, w.judged(driver.HealthDead)[0].Health.ConsecutiveDead)
		require.NoError(w, w.DeleteSubscription(w.ctx, acme, "a"))
	}
}

func healthIsNotWrittenByPut(w *world) {
	r := record(acme, "a", "x")
	r.Health = driver.Health{ConsecutiveDead: 23, FailingFor: time.Hour}
	w.create(r)
	require.Zero(w, w.health("a"))

	w.judged(driver.HealthDead, driver.HealthDead)
	r = w.subscription(acme, "a")
	r.Health = driver.Health{}
	r.Name = "renamed"
	_, err := w.PutSubscription(w.ctx, r)
	require.NoError(w, err)
	require.Equal(w, 2, w.health("a").ConsecutiveDead, "it was active before")
}

func healthIsOfEachSubscriptionAlone(w *world) {
	w.subscribe("a", "x")
	w.subscribe("b", "y")
	w.create(record(rival, "a", "x"))
	w.judged(driver.HealthDead)
	require.Equal(w, 1, w.health("a").ConsecutiveDead)
	require.Zero(w, w.health("b"))
	require.Zero(w, w.subscription(rival, "a").Health)
}
