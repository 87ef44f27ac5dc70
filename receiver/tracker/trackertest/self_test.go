package trackertest_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	_ "github.com/kirimhooks/kirimhooks/internal/testnet/confine" // no test leaves this machine
	"github.com/kirimhooks/kirimhooks/internal/verdicttest"
	"github.com/kirimhooks/kirimhooks/receiver/tracker"
	"github.com/kirimhooks/kirimhooks/receiver/tracker/trackertest"
)

func TestEveryFaultIsFound(t *testing.T) {
	cases := map[string]func(trackertest.T, tracker.Store){}
	found := map[string]bool{}
	for name, run := range trackertest.Cases() {
		cases[name] = run
	}
	for _, fault := range faults {
		t.Run(fault.failing+"/"+fault.name, func(t *testing.T) {
			run := cases[fault.failing]
			require.NotNil(t, run, "no such case")
			synctest.Test(t, func(t *testing.T) {
				store := &flawed{Memory: tracker.NewMemory(), last: map[tracker.Key][]tracker.Status{}}
				fault.plant(store)
				verdict := verdicttest.Judge(t.Context(), func(t *verdicttest.T) { run(t, store) })
				require.True(t, verdict.Failed())
			})
		})
		found[fault.failing] = true
	}
	for name := range cases {
		require.True(t, found[name], "no fault is planted for case %s", name)
	}
}

// TestWithoutAFault shows that the faults are found, and not what carries them.
func TestWithoutAFault(t *testing.T) {
	trackertest.Run(t, func(*testing.T) tracker.Store {
		return &flawed{Memory: tracker.NewMemory(), last: map[tracker.Key][]tracker.Status{}}
	})
}
