package limiter_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/internal/limiter"
)

func TestAsksAgain(t *testing.T) {
	t.Run("where others left during a claim that took all it was allowed", func(t *testing.T) {
		r := newRig(t, 100, 8)
		r.healthy(8)
		r.due(of(2))
		g := r.Reserve(500)
		require.Equal(t, 5, g.Allows("a"))
		r.done("a", 1, limiter.Success)
		_, again := r.Start(g, of(5), false)
		require.True(t, again, "one more fits by now")
		require.False(t, r.due(of(1)), "and now none does")
		require.True(t, r.done("a", 1, limiter.Success).Wanted, "until one leaves")
		require.False(t, r.due(nil), "a claim that found less than it was allowed has found all")
		for range 7 {
			require.False(t, r.done("a", 1, limiter.Success).Wanted)
		}
	})
	t.Run("when one leaves during a claim that could take none", func(t *testing.T) {
		r := newRig(t, 100, 1)
		r.healthy(1)
		r.done("a", 1, limiter.Success)
		r.due(nil)
		r.StartFresh(r.ReserveFresh(1), of(1))
		g := r.Reserve(500)
		require.Zero(t, g.Allows("a"))
		require.True(t, r.done("a", 1, limiter.Success).Wanted)
		r.Start(g, nil, false)
	})
	t.Run("for unproven endpoints that a rule left out", func(t *testing.T) {
		r := newRig(t, 100, 8)
		r.due(of(1))
		require.True(t, r.done("a", 1, limiter.NoRequest).Wanted)
	})
}

// While unproven lanes cannot have every slot, a claim that was not all there is makes the next one for
// healthy lanes alone. That one is followed by one of any lane, whatever it brought.
func TestClaimsAlternate(t *testing.T) {
	r := newRig(t, 100, 8)
	claim := func(partial bool, items []delivery, more bool) (again bool) {
		t.Helper()
		g := r.Reserve(500)
		require.Equal(t, partial, g.Partial)
		if partial {
			require.Equal(t, []int{100, 0}, []int{g.Slots, g.PerLane})
		} else {
			require.Equal(t, []int{50, 1}, []int{g.Slots, g.PerLane}, "unproven endpoints have half of them")
		}
		run, again := r.Start(g, items, more)
		for _, d := range run {
			r.done(d.lane, 1, limiter.Success)
		}
		return again
	}
	require.True(t, claim(false, endpoints("e", 50), false), "it was full")
	require.True(t, claim(true, endpoints("e", 100), false), "and so was this")
	require.False(t, claim(false, nil, false))
	require.False(t, claim(false, nil, false), "one that is short has seen all there is")
	require.True(t, claim(false, nil, true), "the store has not looked at all")
	require.False(t, claim(true, nil, false))
	require.False(t, claim(false, nil, false))
}

func TestFreshDeliveriesDoNotOvertake(t *testing.T) {
	r := newRig(t, 100, 8)
	r.healthy(8)
	require.Equal(t, 7, r.fresh("a"))
	r.Start(r.Reserve(500), of(7), false)
	r.done("a", 1, limiter.Success)
	require.Zero(t, r.fresh("a"), "there may be more")
	r.due(nil)
	require.Equal(t, 1, r.fresh("a"))

	r = newRig(t, 10, 8)
	require.Equal(t, 5, r.ReserveFresh(100).Slots, "unproven endpoints have half of the slots at most")
}

// Where too many outcomes are unwritten nothing is reserved. Who got nothing is told when one is written, and only
// then.
func TestUnwrittenOutcomesStopClaims(t *testing.T) {
	const slots = 2
	r := newRig(t, slots, 8)
	for range 2 * slots {
		g := r.Reserve(1)
		require.Equal(t, 1, g.Slots)
		r.Start(g, of(1), false)
		r.Done("a", limiter.Success)
	}
	require.False(t, r.Written(0), "nobody waits yet")
	require.Zero(t, r.Reserve(1).Slots)
	require.Equal(t, "4 outcomes are not written: the store is slow or in trouble", r.Why("a"))
	require.True(t, r.Written(1), "the claim loop waits for this")
	require.Equal(t, 1, r.Reserve(1).Slots)
	require.False(t, r.Written(1), "it has its slot")
}
