package sender

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The claim loop that got no slot because too many outcomes are unwritten is told when one is written, and only then.
func TestGateTellsWhoWaitsForOutcomes(t *testing.T) {
	const workers = 2
	d := drive{t, newGate(workers, 8)}
	for range 2 * workers { // each slot may leave one, and as many again have room
		gr := d.reserve(1)
		require.Equal(t, 1, gr.slots)
		d.came(gr, 1)
		d.leave("a", reactionSuccess)
	}
	require.False(t, d.wrote(0), "nobody waits yet")
	require.Zero(t, d.reserve(1).slots)
	require.True(t, d.wrote(1), "the claim loop waits for this")
	gr := d.reserve(1)
	require.Equal(t, 1, gr.slots)
	require.False(t, d.wrote(1), "it has its slot")
}
