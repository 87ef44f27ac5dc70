package storetest_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/verdicttest"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
	"github.com/kirimhooks/kirimhooks/sender/storetest"
)

// A suite that cannot fail defines nothing. Each fault is planted into a store that is correct, and the case that
// stands for the promise it breaks must fail.
func TestEachFaultIsCaught(t *testing.T) {
	cases := map[string]func(storetest.T, storetest.Subject){}
	for name, run := range storetest.Cases() {
		require.NotContains(t, cases, name, "two cases of one name")
		cases[name] = run
	}
	for _, f := range faults() {
		t.Run(f.name, func(t *testing.T) {
			run := cases[f.caughtBy]
			require.NotNil(t, run, "no case is named %s", f.caughtBy)
			require.Empty(t, failures(t, run, memstore.New), "without the fault")
			require.NotEmpty(t, failures(t, run, f.plant), "%s does not notice", f.caughtBy)
		})
	}
}

// failures runs a case in a bubble and returns what it had to say.
func failures[S driver.Store](t *testing.T, run func(storetest.T, storetest.Subject), open func() S) (said []string) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		said = verdicttest.Judge(ctx, func(v *verdicttest.T) {
			run(v, storetest.Subject{Store: open(), Advance: time.Sleep})
		}).Failures()
		cancel()
	})
	return said
}

// Without a clock to move, nothing waits for hours: every case must pass or leave out what it cannot do. Real time is
// a bubble's here.
func TestCasesWithoutAClockToMove(t *testing.T) {
	for name, run := range storetest.Cases() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				run(t, storetest.Subject{Store: memstore.New()})
				require.Less(t, time.Since(began), 10*time.Second)
			})
		})
	}
}

// bare hides the optional powers of a store.
type bare struct{ driver.Store }

func TestOptionalPowersAreOptional(t *testing.T) {
	for name, run := range storetest.Cases() {
		t.Run(name, func(t *testing.T) {
			require.Empty(t, failures(t, run, func() bare { return bare{memstore.New()} }))
		})
	}
}

func TestRunGivesEachCaseAFreshStore(t *testing.T) {
	opened := 0
	open := func(t *testing.T) storetest.Subject {
		opened++
		t.Skip("only counted")
		return storetest.Subject{}
	}
	t.Run("run", func(t *testing.T) { storetest.Run(t, open) })
	want := 0
	for range storetest.Cases() {
		want++
	}
	require.Equal(t, want, opened)
	require.Greater(t, want, 200, "as sender/README.md says")
}
