package tracker_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/kirimhooks/kirimhooks/receiver/tracker"
)

// TestApplyAgreesWithAdvance shows that a row says of statuses in any order what [meta.Advance] says of them in the
// order of their times.
func TestApplyAgreesWithAdvance(t *testing.T) {
	steps := []tracker.Step{tracker.Sent, tracker.Delivered, tracker.Read, tracker.Played, tracker.Failed}
	r := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		var statuses []tracker.Status
		furthest := ""
		for i := range 1 + r.IntN(6) {
			step := steps[r.IntN(len(steps))]
			furthest, _ = meta.Advance(furthest, string(step))
			statuses = append(statuses, tracker.Status{
				Key:  tracker.Key{Source: envelope.Meta, ID: "wamid.1"},
				Step: step, At: stated.AddDate(0, 0, i),
			})
		}
		r.Shuffle(len(statuses), func(i, j int) { statuses[i], statuses[j] = statuses[j], statuses[i] })
		var row tracker.Message
		for _, s := range statuses {
			row = row.Apply(s)
		}
		require.Equal(t, furthest, string(row.Step), "%v", statuses)
	}
}
