// Package claimtest holds what the tests of dedupe stores that processes share have in common, beside package
// dedupetest: a process that is suspended past its lease, a store that forgets, and planted faults.
package claimtest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/dedupe"
	"github.com/kirimhooks/kirimhooks/dedupe/dedupetest"
	"github.com/kirimhooks/kirimhooks/internal/verdicttest"
)

// Finds demands that a case of dedupetest fails for a subject with a fault.
func Finds(t *testing.T, name string, s dedupetest.Subject) {
	t.Helper()
	for found, run := range dedupetest.Cases() {
		if found == name {
			judged := verdicttest.Judge(t.Context(), func(v *verdicttest.T) { run(v, s) })
			require.True(t, judged.Failed(), "%s passes", name)
			return
		}
	}
	require.Fail(t, "no such case", name)
}

// Forget tells what may happen when a store loses everything, by forget: an event runs twice, and none is lost.
func Forget(t *testing.T, store dedupe.Store, forget func()) {
	first, second := guard(store), guard(store)
	ran := 0
	run := func(ctx context.Context) error { ran++; return ctx.Err() }

	t.Run("a done key", func(t *testing.T) {
		ran = 0
		require.NoError(t, first.Do(t.Context(), "done", run))
		require.ErrorIs(t, second.Do(t.Context(), "done", run), dedupe.ErrDuplicate)
		forget()
		require.NoError(t, second.Do(t.Context(), "done", run))
		require.Equal(t, 2, ran)
	})
	t.Run("a running key", func(t *testing.T) {
		ran = 0
		require.NoError(t, first.Do(t.Context(), "running", func(context.Context) error {
			forget()
			return run(t.Context())
		}), "nobody has taken the key: the work counts")
		require.ErrorIs(t, second.Do(t.Context(), "running", run), dedupe.ErrDuplicate)
		require.Equal(t, 1, ran)
	})
	t.Run("a running key that another takes", func(t *testing.T) {
		ran = 0
		err := first.Do(t.Context(), "taken", func(context.Context) error {
			forget()
			require.NoError(t, second.Do(t.Context(), "taken", run))
			return run(t.Context())
		})
		require.ErrorIs(t, err, dedupe.ErrLeaseLost)
		require.Equal(t, 2, ran)
		require.ErrorIs(t, first.Do(t.Context(), "taken", run), dedupe.ErrDuplicate)
	})
	t.Run("a key that another has taken when the first fails", func(t *testing.T) {
		failed := fmt.Errorf("no such account")
		err := first.Do(t.Context(), "failed", func(context.Context) error {
			forget()
			require.NoError(t, second.Do(t.Context(), "failed", run))
			return failed
		})
		require.Equal(t, failed, err)
		require.ErrorIs(t, first.Do(t.Context(), "failed", run), dedupe.ErrDuplicate, "the second one's mark stands")
	})
}

// guard has more patience than a busy machine takes from it.
func guard(store dedupe.Store) *dedupe.Guard {
	return &dedupe.Guard{Store: store, StoreTimeout: 10 * time.Second, Wait: time.Minute}
}
