package dedupetest_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/dedupe"
	"github.com/kirimhooks/kirimhooks/dedupe/dedupetest"
	"github.com/kirimhooks/kirimhooks/internal/verdicttest"
)

func judge(run func(dedupetest.T, dedupetest.Subject), s dedupetest.Subject) *verdicttest.T {
	return verdicttest.Judge(context.Background(), func(t *verdicttest.T) { run(t, s) })
}

func inBubble(t *testing.T, f func()) {
	t.Helper()
	synctest.Test(t, func(*testing.T) { f() })
}

func TestEveryFaultIsFound(t *testing.T) {
	cases := map[string]func(dedupetest.T, dedupetest.Subject){}
	found := map[string]bool{}
	for name, run := range dedupetest.Cases() {
		cases[name] = run
	}
	for _, fault := range faults {
		t.Run(fault.failing+"/"+fault.name, func(t *testing.T) {
			run := cases[fault.failing]
			require.NotNil(t, run, "no such case")
			inBubble(t, func() {
				store := &flawed{Memory: dedupe.NewMemory(0), books: map[string]string{}}
				fault.plant(store)
				require.True(t, judge(run, dedupetest.Subject{Store: store, Advance: time.Sleep}).Failed())
			})
		})
		found[fault.failing] = true
	}
	for name := range cases {
		require.True(t, found[name], "no fault is planted for case %s", name)
	}
}

// In real time the cases wait for short leases and say what they did not run.
func TestWithoutAdvance(t *testing.T) {
	var logs []string
	for name, run := range dedupetest.Cases() {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func() {
				start := time.Now()
				v := judge(run, dedupetest.Subject{Store: dedupe.NewMemory(0)})
				require.False(t, v.Failed(), "%s", v.Logs())
				require.Less(t, time.Since(start), 5*time.Second)
				logs = append(logs, v.Logs()...)
			})
		})
	}
	require.Len(t, logs, 1)
	require.Contains(t, logs[0], "not run")
}

func TestLeaseThatNeverEndsIsFoundInRealTime(t *testing.T) {
	for name, run := range dedupetest.Cases() {
		if name != "LeaseEnds" {
			continue
		}
		inBubble(t, func() {
			store := &flawed{Memory: dedupe.NewMemory(0)}
			endless(store)
			require.True(t, judge(run, dedupetest.Subject{Store: store}).Failed())
		})
	}
}
