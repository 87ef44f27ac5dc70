package storetest

import (
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func attemptCases() []func(*world) {
	return []func(*world){
		attemptsComeBackAsTheyWere,
		attemptsStandInTheOrderLogged,
		attemptsBeganByTheStoresClock,
		attemptsOfAnUntriedDeliveryAreNone,
		attemptsOfAnUnknownDeliveryAreNotFound,
	}
}

func attemptsComeBackAsTheyWere(w *world) {
	w.subscribe("a", "x")
	for _, a := range []driver.Attempt{
		{N: 1, Duration: 1234 * time.Microsecond, StatusCode: 200, Response: "ok"},
		{N: 1, Duration: 10 * time.Second, ErrorClass: driver.ClassTimeout},
		{N: 1, Duration: 0, StatusCode: 599, Response: strings.Repeat("é", 512), Test: true},
	} {
		id := "evt_" + a.Duration.String()
		w.publish(id, "x")
		c := w.one()
		a.At = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
		w.settle(outcome(c, driver.StateDead, &a))
		got := w.attempts(c.Delivery.ID)
		require.Len(w, got, 1)
		require.NotEqual(w, 1970, got[0].At.Year(), "the store's clock says when")
		a.At = got[0].At
		require.Equal(w, a, got[0])
	}
}

func attemptsStandInTheOrderLogged(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	w.publish("evt_2", "x")
	for n := 1; n <= 5; n++ {
		for _, c := range w.take(2) {
			w.settle(outcome(c, driver.StatePending, attempt(n, 500+n)))
		}
	}
	for _, id := range []string{"evt_1", "evt_2"} {
		log := w.attempts(w.only(id).ID)
		require.Len(w, log, 5)
		for i, a := range log {
			require.Equal(w, i+1, a.N)
			require.Equal(w, 501+i, a.StatusCode)
			require.Equal(w, attempt(i+1, 0).Response, a.Response)
			require.False(w, i > 0 && a.At.Before(log[i-1].At))
		}
	}
}

func attemptsBeganByTheStoresClock(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	o := outcome(w.one(), driver.StatePending, attempt(1, 500))
	o.After = w.moment
	o.Attempt.Duration = 10 * time.Second
	w.settle(o)
	d := w.only("evt_1")
	settledAt := d.NextAt.Add(-w.moment)
	require.WithinDuration(w, settledAt.Add(-10*time.Second), w.attempts(d.ID)[0].At, time.Millisecond,
		"the store's clock less Duration")
}

func attemptsOfAnUntriedDeliveryAreNone(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	require.Empty(w, w.attempts(w.only("evt_1").ID))
	require.Empty(w, w.attempts(w.one().Delivery.ID))
}

func attemptsOfAnUnknownDeliveryAreNotFound(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_1", "x")
	for _, id := range []string{"", "evt_1", "00000000000000000000000000", "ZZZZZZZZZZZZZZZZZZZZZZZZZZ",
		"wbd_" + w.only("evt_1").ID} {
		_, err := w.Attempts(w.ctx, acme, id)
		require.ErrorIs(w, err, driver.ErrNotFound, "delivery %q", id)
	}
}
