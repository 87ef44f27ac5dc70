package sqldedupe_test

import (
	"context"
	"crypto/rand"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/dedupe"
)

func TestPurge(t *testing.T) {
	each(t, func(t *testing.T, s source) {
		w := s.world(t)
		_, _, err := w.Claim(t.Context(), "crashed", "holder", time.Minute)
		require.NoError(t, err)
		_, _, err = w.Claim(t.Context(), "failed", "holder", time.Minute)
		require.NoError(t, err)
		require.NoError(t, w.Release(t.Context(), "failed", "holder"))
		require.NoError(t, w.Commit(t.Context(), "done", "holder", time.Minute))
		require.NoError(t, w.Commit(t.Context(), "kept", "holder", time.Hour))
		w.advance(2 * time.Minute)

		n, err := w.Purge(t.Context(), 2)
		require.NoError(t, err)
		require.Equal(t, 2, n)
		n, err = w.Purge(t.Context(), 2)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		state, _, err := w.Claim(t.Context(), "kept", "another", time.Minute)
		require.NoError(t, err)
		require.Equal(t, dedupe.Done, state)
		require.Equal(t, 1, w.rows())
		require.NoError(t, w.Commit(t.Context(), "crashed", "holder", time.Hour), "late, but nobody took the key")
		_, err = w.Purge(t.Context(), 0)
		require.ErrorContains(t, err, "a limit of 0 rows")
	})
}

// Nobody calls Purge, and yet the table does not grow with all that ever was.
func TestClaimsPurge(t *testing.T) {
	s := sqliteSource(t)
	s.dsn += "&_pragma=synchronous(OFF)"
	w := s.world(t)
	const claims = 3000
	for range claims {
		_, _, err := w.Claim(t.Context(), rand.Text(), "holder", 1)
		require.NoError(t, err)
	}
	require.Less(t, w.rows(), claims)
}

// Claims of keys that have just ended, and two that purge them: nobody hears of a deadlock, whoever comes first.
func TestPurgeBesideClaims(t *testing.T) {
	each(t, func(t *testing.T, s source) {
		w := s.world(t)
		var workers, purgers sync.WaitGroup
		ctx, stop := context.WithCancel(t.Context())
		for range 2 {
			purgers.Go(func() {
				for ctx.Err() == nil {
					_, err := w.Purge(t.Context(), 3)
					assert.NoError(t, err)
				}
			})
		}
		for range 6 {
			workers.Go(func() {
				for i := range 60 {
					key, token := strconv.Itoa(i%5), rand.Text()
					state, _, err := w.Claim(t.Context(), key, token, time.Hour)
					assert.NoError(t, err)
					if state == dedupe.Claimed && i%2 == 0 {
						assert.NoError(t, w.Commit(t.Context(), key, token, 1))
					} else {
						assert.NoError(t, w.Release(t.Context(), key, token))
					}
				}
			})
		}
		workers.Wait()
		stop()
		purgers.Wait()
	})
}
