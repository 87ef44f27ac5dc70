package sqlitestore_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// A batch is written by few statements. Nothing of one outcome gets to another, whatever they have in common.
func TestABatchOfDifferentOutcomes(t *testing.T) {
	s := fresh(t)
	subscribe(t, s, "b", "y")
	for n := range 10 { // of all sizes, so that every statement is full, and is not
		size := 1 + 7*n
		enqueue(t, s, small(fmt.Sprint("evt_", n, "_"), size, "x", "y"))
		c, err := s.Claim(t.Context(), request(2*size))
		require.NoError(t, err)
		require.Len(t, c.Claims, 2*size)
		outcomes := delivered(c.Claims)
		for i := range outcomes {
			o := &outcomes[i]
			o.Attempt.Duration = time.Duration(i) * time.Millisecond
			switch i % 3 {
			case 1:
				o.State, o.Reason, o.Health = driver.StateDead, fmt.Sprint("reason ", i%2), driver.HealthDead
				o.Attempt.StatusCode, o.Attempt.Response = 400+i, fmt.Sprint("no ", i)
			case 2:
				o.State, o.Reason, o.Health = driver.StatePending, "http_503", driver.HealthUnchanged
				o.After = time.Duration(n+1)*time.Hour + time.Duration(i)*time.Minute
				o.Attempt.StatusCode, o.Attempt.Response = 503, "later \x00\u00e9\xff"
			}
		}
		settled, err := s.Settle(t.Context(), outcomes)
		require.NoError(t, err)
		for i, o := range outcomes {
			require.True(t, settled[i].Applied)
			requireSettled(t, s, o)
		}
	}
}

func requireSettled(t *testing.T, s driver.Store, o driver.Outcome) {
	t.Helper()
	found := list(t, s, driver.DeliveryQuery{IDs: []string{o.DeliveryID}})
	require.Len(t, found, 1)
	d := found[0]
	require.Equal(t, o.State, d.State)
	require.Equal(t, o.Reason, d.Reason)
	require.Equal(t, 1, d.Attempt)
	log, err := s.Attempts(t.Context(), o.Org, o.DeliveryID)
	require.NoError(t, err)
	require.Len(t, log, 1)
	want := *o.Attempt
	want.At, want.Response = log[0].At, strings.NewReplacer("\x00", "\uFFFD", "\xff", "\uFFFD").Replace(want.Response)
	require.Equal(t, want, log[0])
	if o.State == driver.StatePending {
		require.Equal(t, o.After, d.NextAt.Sub(log[0].At.Add(want.Duration)), "each retry has its own moment")
	} else {
		require.Equal(t, log[0].At.Add(want.Duration), d.FinishedAt)
	}
}

// The outcomes of one delivery in one batch are applied in order: the second has no lease any more.
func TestSeveralOutcomesOfOneDelivery(t *testing.T) {
	s := fresh(t)
	enqueue(t, s, small("evt_", 3, "x"))
	c, err := s.Claim(t.Context(), request(3))
	require.NoError(t, err)
	outcomes := delivered(c.Claims)
	again := outcomes[1]
	other := outcomes[1]
	other.State = driver.StateDead
	batch := []driver.Outcome{outcomes[0], outcomes[1], other, again, outcomes[2]}
	settled, err := s.Settle(t.Context(), batch)
	require.NoError(t, err)
	for i, applied := range []bool{true, true, false, true, true} {
		require.Equal(t, applied, settled[i].Applied, "outcome %d", i)
	}
	for _, o := range outcomes {
		requireSettled(t, s, o)
	}
	minutes, err := s.Minutes(t.Context(), "acme", "a", time.Hour)
	require.NoError(t, err)
	require.Len(t, minutes, 1)
	require.Equal(t, 3, minutes[0].Delivered)
	require.Zero(t, minutes[0].Failed)
}
