package receiver_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/dedupe"
	"github.com/kirimhooks/kirimhooks/receiver"
)

// One event reaches two replicas at once, and one of them again after a restart. With a memory each they run it
// each time; with a store that they share, once.
func TestReplicas(t *testing.T) {
	for name, test := range map[string]struct {
		shared dedupe.Store
		runs   int
	}{
		"a memory each":  {nil, 3},
		"a shared store": {dedupe.NewMemory(0), 1},
	} {
		t.Run(name, func(t *testing.T) {
			replica := func() *rig {
				return newRig(t, nil, func(c *receiver.Config) { c.Dedupe = &dedupe.Guard{Store: test.shared} })
			}
			one, another := replica(), replica()
			var wg sync.WaitGroup
			for _, k := range []*rig{one, another} {
				wg.Go(func() { require.Equal(t, 200, k.serve(kirimPost(nativeBody)).Code) })
			}
			wg.Wait()
			restarted := replica()
			require.Equal(t, 200, restarted.serve(kirimPost(nativeBody)).Code)
			require.Equal(t, test.runs, one.runs()+another.runs()+restarted.runs())
		})
	}
}
