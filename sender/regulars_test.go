package sender

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// How often somebody waits cannot be seen from outside, but for the time and the processor that it costs.
func TestRegularsAreAwaitedAsLongAsTheyCome(t *testing.T) {
	r := regulars{expected: 8}
	tries := func(groups int, come bool) (n int) {
		for range groups {
			if r.worth(3) {
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
	require.False(t, r.worth(8), "all are there")
	require.False(t, (&regulars{}).worth(1), "nobody is expected before there was a group")
}
