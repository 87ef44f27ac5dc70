package sqldedupe_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/dedupe"
	"github.com/kirimhooks/kirimhooks/dedupe/dedupetest"
	"github.com/kirimhooks/kirimhooks/dedupe/sqldedupe"
	"github.com/kirimhooks/kirimhooks/internal/claimtest"
)

// each runs a test for every database.
func each(t *testing.T, test func(t *testing.T, s source)) {
	for name, open := range sources {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

func TestStore(t *testing.T) { each(t, conforms) }

func TestStoreAtUnusualSettings(t *testing.T) {
	for name, open := range unusual {
		t.Run(name, func(t *testing.T) { conforms(t, open(t)) })
	}
}

func conforms(t *testing.T, s source) {
	w := s.world(t)
	dedupetest.Run(t, func(*testing.T) dedupetest.Subject { return w.subject() })
}

// The clock of the database itself.
func TestStoreInRealTime(t *testing.T) {
	each(t, func(t *testing.T, s source) {
		if testing.Short() && s.flavor != sqldedupe.SQLite {
			t.Skip("not run: leases that are waited for; -short")
		}
		w := s.world(t)
		dedupetest.Run(t, func(*testing.T) dedupetest.Subject { return dedupetest.Subject{Store: w.Store} })
	})
}

// A process is suspended past its lease.
func TestTakenOverFromAnotherProcess(t *testing.T) {
	each(t, func(t *testing.T, s source) { claimtest.Suspend(t, s.world(t).Store, s.env()...) })
}

func TestADatabaseThatForgets(t *testing.T) {
	each(t, func(t *testing.T, s source) {
		w := s.world(t)
		claimtest.Forget(t, w.Store, w.forget)
	})
}

func TestDurationsAreRoundedUp(t *testing.T) {
	each(t, func(t *testing.T, s source) {
		w := s.world(t)
		state, _, err := w.Claim(t.Context(), "short", "holder", 1)
		require.NoError(t, err)
		require.Equal(t, dedupe.Claimed, state)
		require.NoError(t, w.Commit(t.Context(), "short", "holder", 1))

		state, _, err = w.Claim(t.Context(), "long", "holder", math.MaxInt64)
		require.NoError(t, err)
		require.Equal(t, dedupe.Claimed, state)
		state, left, err := w.Claim(t.Context(), "long", "another", time.Minute)
		require.NoError(t, err)
		require.Equal(t, dedupe.Running, state)
		require.Greater(t, left, 200*365*24*time.Hour)
		require.NoError(t, w.Commit(t.Context(), "long", "holder", math.MaxInt64))
	})
}

func TestKeysAndTokensOfAnyOtherLengthAreRefused(t *testing.T) {
	each(t, func(t *testing.T, s source) {
		w := s.world(t)
		long := string(make([]byte, 513))
		for _, pair := range [][2]string{{"", "token"}, {long, "token"}, {"key", ""}, {"key", long}} {
			_, _, err := w.Claim(t.Context(), pair[0], pair[1], time.Minute)
			require.ErrorContains(t, err, "sqldedupe: claim: a ")
			require.ErrorContains(t, w.Commit(t.Context(), pair[0], pair[1], time.Minute), "sqldedupe: commit: a ")
			require.ErrorContains(t, w.Release(t.Context(), pair[0], pair[1]), "sqldedupe: release: a ")
		}
		require.Zero(t, w.rows())
	})
}

// A file that another process writes is waited for, as long as the context lasts.
func TestAFileThatIsLocked(t *testing.T) {
	w := sqliteSource(t).world(t)
	_, _, err := w.Claim(t.Context(), "held", "holder", time.Minute)
	require.NoError(t, err)
	other, err := w.db.Conn(t.Context())
	require.NoError(t, err)
	defer other.Close()
	_, err = other.ExecContext(t.Context(), "begin immediate")
	require.NoError(t, err)

	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, _, err = w.Claim(ctx, "key", "holder", time.Minute)
	require.ErrorIs(t, err, context.DeadlineExceeded)

	claimed := make(chan error)
	go func() {
		_, _, err := w.Claim(t.Context(), "key", "holder", time.Minute)
		claimed <- err
	}()
	_, err = other.ExecContext(t.Context(), "commit")
	require.NoError(t, err)
	require.NoError(t, <-claimed)
}
