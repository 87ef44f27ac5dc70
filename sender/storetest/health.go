package storetest

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
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
func (w *world) judged(events ...sender.HealthEvent) []sender.Settled {
	w.Helper()
	w.batches++
	w.publishMany(fmt.Sprintf("judged%d_", w.batches), len(events), "x")
	outcomes := make([]sender.Outcome, len(events))
	for i, c := range w.take(len(events)) {
		state := sender.StateDead
		if events[i] == sender.HealthSuccess {
			state = sender.StateDelivered
		}
		outcomes[i] = outcome(c, state, attempt(1, 500))
		outcomes[i].Health = events[i]
	}
	return w.settleAll(outcomes...)
}

func (w *world) health(id string) sender.Health {
	w.Helper()
	return w.subscription(acme, id).Health
}

func healthCountsDeadInARow(w *world) {
	w.subscribe("a", "x")
	require.Zero(w, w.health("a"))
	for n := 1; n <= 30; n++ {
		require.Equal(w, n, w.judged(sender.HealthDead)[0].Health.ConsecutiveDead)
	}
	require.Equal(w, 30, w.health("a").ConsecutiveDead)
}

func healthIsZeroAfterASuccess(w *world) {
	w.subscribe("a", "x")
	w.judged(sender.HealthDead, sender.HealthDead)
	require.Zero(w, w.judged(sender.HealthSuccess)[0].Health)
	require.Zero(w, w.health("a"))
	require.Equal(w, 1, w.judged(sender.HealthDead)[0].Health.ConsecutiveDead, "and counts from one again")
}

func healthIsUntouchedByTheRest(w *world) {
	w.subscribe("a", "x")
	w.judged(sender.HealthDead, sender.HealthDead)
	w.publishMany("evt_", 3, "x")
	for i, c := range w.take(3) {
		o := outcome(c, []sender.State{sender.StatePending, sender.StateDelivered, sender.StateDead}[i], attempt(1, 200))
		o.After = time.Hour
		require.Equal(w, 2, w.settle(o).Health.ConsecutiveDead, "HealthUnchanged, whatever the state")
	}
	require.Equal(w, 2, w.health("a").ConsecutiveDead)
}

func healthIsCountedInTheOrderOfTheBatch(w *world) {
	const dead, ok = sender.HealthDead, sender.HealthSuccess
	for _, batch := range []struct {
		events []sender.HealthEvent
		want   int
	}{
		{[]sender.HealthEvent{dead, dead, dead}, 3},
		{[]sender.HealthEvent{dead, dead, ok}, 0},
		{[]sender.HealthEvent{ok, dead, dead}, 2},
		{[]sender.HealthEvent{dead, ok, dead, dead, sender.HealthUnchanged}, 2},
	} {
		w.subscribe("a", "x")
		for _, s := range w.judged(batch.events...) {
			require.True(w, s.Applied)
			require.Equal(w, batch.want, s.Health.ConsecutiveDead, "each answers with the health after the batch, %v", batch.events)
		}
		require.Equal(w, batch.want, w.health("a").ConsecutiveDead)
		require.NoError(w, w.DeleteSubscription(w.ctx, acme, "a"))
	}
}

func healthFailsSinceTheFirstDeadOfTheRow(w *world) {
	w.subscribe("a", "x")
	require.Less(w, w.judged(sender.HealthDead)[0].Health.FailingFor, w.moment)
	w.pass(w.moment)
	s := w.judged(sender.HealthDead)[0]
	require.GreaterOrEqual(w, s.Health.FailingFor, w.moment, "since the first")
	require.Less(w, s.Health.FailingFor, 10*w.moment)
	require.GreaterOrEqual(w, w.health("a").FailingFor, w.moment)

	w.judged(sender.HealthSuccess)
	require.Zero(w, w.health("a").FailingFor)
	w.judged(sender.HealthDead)
	require.Less(w, w.health("a").FailingFor, w.moment, "a new row")

	if w.canPass(5 * 24 * time.Hour) {
		w.pass(5 * 24 * time.Hour)
		require.GreaterOrEqual(w, w.judged(sender.HealthDead)[0].Health.FailingFor, 5*24*time.Hour)
	}
}

func healthIsZeroOnBecomingActive(w *world) {
	w.subscribe("a", "x")
	w.judged(sender.HealthDead, sender.HealthDead)
	w.turn("a", sender.StatusDisabled)
	require.Equal(w, 2, w.health("a").ConsecutiveDead, "kept while it is not active")
	w.turn("a", sender.StatusPaused)
	require.Equal(w, 2, w.health("a").ConsecutiveDead)
	w.turn("a", sender.StatusActive)
	require.Zero(w, w.health("a"))
	require.Equal(w, 1, w.judged(sender.HealthDead)[0].Health.ConsecutiveDead)
}

func healthIsZeroAtAnotherURL(w *world) {
	for _, status := range []sender.Status{sender.StatusActive, sender.StatusPaused} {
		w.subscribe("a", "x")
		w.judged(sender.HealthDead, sender.HealthDead)
		r := w.subscription(acme, "a")
		r.URL, r.Status = "https://example.org/moved", status
		_, err := w.PutSubscription(w.ctx, r)
		require.NoError(w, err)
		require.Zero(w, w.health("a"))
		w.turn("a", sender.StatusActive)
		require.Equal(w, 1, w.judged(sender.HealthDead)[0].Health.ConsecutiveDead)
		require.NoError(w, w.DeleteSubscription(w.ctx, acme, "a"))
	}
}

func healthIsNotWrittenByPut(w *world) {
	r := record(acme, "a", "x")
	r.Health = sender.Health{ConsecutiveDead: 23, FailingFor: time.Hour}
	w.create(r)
	require.Zero(w, w.health("a"))

	w.judged(sender.HealthDead, sender.HealthDead)
	r = w.subscription(acme, "a")
	r.Health = sender.Health{}
	r.Name = "renamed"
	_, err := w.PutSubscription(w.ctx, r)
	require.NoError(w, err)
	require.Equal(w, 2, w.health("a").ConsecutiveDead, "it was active before")
}

func healthIsOfEachSubscriptionAlone(w *world) {
	w.subscribe("a", "x")
	w.subscribe("b", "y")
	w.create(record(rival, "a", "x"))
	w.judged(sender.HealthDead)
	require.Equal(w, 1, w.health("a").ConsecutiveDead)
	require.Zero(w, w.health("b"))
	require.Zero(w, w.subscription(rival, "a").Health)
}
