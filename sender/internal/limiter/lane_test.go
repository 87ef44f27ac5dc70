package limiter_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/internal/limiter"
)

// A lane begins with one, and each success adds one, up to the bound. Other answers add none.
func TestLaneWidens(t *testing.T) {
	r := newRig(t, 100, 8)
	for _, want := range []int{1, 2, 3, 4, 5, 6, 7, 8, 8} {
		require.Equal(t, want, r.allowed("a"))
		r.due(of(want))
		r.done("a", 1, limiter.Success)
		r.done("a", want-1, limiter.OtherAnswer)
	}
}

func TestIdleLaneBeginsAgainWithFour(t *testing.T) {
	r := newRig(t, 100, 8)
	r.healthy(8)
	require.Equal(t, 7, r.allowed("a"))
	require.False(t, r.due(nil), "there is no more")
	r.done("a", 1, limiter.Success)
	r.due(of(1))
	require.Equal(t, 3, r.allowed("a"))
	r.done("a", 1, limiter.Success)

	r.healthy(8)
	r.due(of(7))
	r.done("a", 8, limiter.Success)
	require.Equal(t, 8, r.allowed("a"), "between two claims of a backlog it is not idle")
	r.due(nil)
	r.due(of(1))
	require.Equal(t, 3, r.allowed("a"), "nothing was left")
}

// A failing endpoint gets one probe at a time, until it answers.
func TestProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 100, 8)
		r.healthy(8)
		r.Start(r.Reserve(500), of(7), false)
		r.done("a", 1, limiter.NoAnswer)
		require.Zero(t, r.allowed("a"), "others are under way")
		r.done("a", 7, limiter.NoAnswer)
		for range 3 {
			require.Equal(t, 1, r.allowed("a"))
			r.due(of(1))
			require.Zero(t, r.allowed("a"))
			require.Contains(t, r.Why("a"), "gets one request at a time")
			r.done("a", 1, limiter.NoAnswer)
		}
		r.due(of(1))
		r.done("a", 1, limiter.Success)
		require.Equal(t, 2, r.allowed("a"))
		r.due(of(2))
		r.done("a", 2, limiter.Overload)
		require.Equal(t, 1, r.allowed("a"), "it asks for less")
	})
}

// A rate lets one second's worth begin at once, and no more than that in a second.
func TestTokenBucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		paced := func(n int) []delivery {
			items := of(n)
			for i := range items {
				items[i].rate = 4
			}
			return items
		}
		r := newRig(t, 100, 8)
		r.healthy(8)
		r.due(paced(4))
		require.Zero(t, r.allowed("a"))
		require.Equal(t, "its rate is 4 attempts a second, and the next may begin in 250ms", r.Why("a"))
		wait, ok := r.Wait()
		require.True(t, ok)
		require.Equal(t, 250*time.Millisecond, wait)
		time.Sleep(wait)
		require.Equal(t, 1, r.allowed("a"))
		require.Empty(t, r.Why("a"))
		r.done("a", 5, limiter.Success)
		time.Sleep(time.Hour)
		require.Equal(t, 4, r.allowed("a"), "no more than one second's worth")
		r.due(of(4))
		require.Equal(t, 4, r.allowed("a"), "a limit that is lifted limits nothing")
	})
}

// Two claims at once may bring more of a lane than it may have. The rest runs as soon as others have ended, or is
// drained.
func TestWhatTwoClaimsBringOfOneLane(t *testing.T) {
	r := newRig(t, 100, 8)
	due, fresh := r.Reserve(500), r.ReserveFresh(4)
	run := r.StartFresh(fresh, of(1))
	require.Len(t, run, 1)
	run, _ = r.Start(due, of(1), false)
	require.Empty(t, run, "an unproven endpoint gets one")
	slots, _ := r.Taken()
	require.Equal(t, 2, slots)
	run, _ = r.Done("a", limiter.OtherAnswer)
	require.Equal(t, of(1), run)

	due, fresh = r.Reserve(500), r.ReserveFresh(4)
	require.Empty(t, r.StartFresh(fresh, of(1)))
	r.Start(due, nil, false)
	require.Equal(t, of(1), r.Drain())
	require.Empty(t, r.Drain())
	r.done("a", 2, limiter.NoRequest)
	slots, _ = r.Taken()
	require.Zero(t, slots)
}
