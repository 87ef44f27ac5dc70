package sender

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// How often somebody waits cannot be seen from outside, but for the time and the processor that it costs.
func TestRegularsAreAwaitedAsLongAsTheyCome(t *testing.T) {
	var r regulars
	require.Zero(t, r.patience(1), "nobody is expected before there was a group")
	r.answered(8, time.Millisecond)
	tries := func(groups int, come bool) (n int) {
		for range groups {
			if r.patience(3) > 0 {
				n++
				r.waited(come)
			}
		}
		return n
	}
	require.Equal(t, 100, tries(100, true))
	require.Equal(t, 7, tries(1+2+4+8+16+32+64, false), "in vain: ever more rarely")
	require.LessOrEqual(t, tries(6400, false), 101)
	require.Greater(t, tries(1000, true), 900, "they are back")
	require.Zero(t, r.patience(8), "all are there")
}

func TestPatienceFollowsTheStore(t *testing.T) {
	for took, want := range map[time.Duration]time.Duration{
		0: 0, 20 * time.Microsecond: 10 * time.Microsecond, 600 * time.Microsecond: 300 * time.Microsecond, time.Minute: 500 * time.Microsecond,
	} {
		var r regulars
		r.answered(8, took)
		require.Equal(t, want, r.patience(1))
	}
}

func TestACrowdIsLargeEnough(t *testing.T) {
	var r regulars
	r.answered(200, time.Millisecond)
	require.Zero(t, r.patience(worthwhile))
}
