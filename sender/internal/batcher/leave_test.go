package batcher_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// A caller that gives up leaves at once, and may change what it gave.
func TestCallerThatGivesUpLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shared{}
		b := newBatcher(s, 10, 100, 1)
		gaveUp := errors.New("gave up")
		var wg sync.WaitGroup
		do := func(item string, patience time.Duration, want error) {
			wg.Go(func() {
				ctx, cancel := context.WithTimeoutCause(t.Context(), patience, gaveUp)
				defer cancel()
				began := time.Now()
				buffer := []byte(item)
				_, err := b.Do(ctx, buffer)
				require.ErrorIs(t, err, want)
				if want != nil {
					require.Equal(t, patience, time.Since(began))
					buffer[0] = '!'
				}
			})
			synctest.Wait()
		}
		do("a", time.Hour, nil)
		do("waits", 500*time.Millisecond, gaveUp)
		do("b", time.Hour, nil)
		do("is written", 1500*time.Millisecond, gaveUp)
		wg.Wait()
		require.Equal(t, [][]string{{"a"}, {"b", "is written"}}, s.written())

		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(gaveUp)
		_, err := b.Do(ctx, nil)
		require.ErrorIs(t, err, gaveUp)
		require.Len(t, s.written(), 2, "nothing is begun for one that has left already")
	})
}

// Callers that give up at the very moment at which they are to lead leave nobody behind.
func TestLeadersThatGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBatcher(&shared{}, 10, 1000, 1)
		for range 50 {
			var wg sync.WaitGroup
			for i := range 8 {
				wg.Go(func() {
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(1+i%3)*time.Second)
					defer cancel()
					_, _ = b.Do(ctx, fmt.Append(nil, i))
				})
			}
			wg.Wait()
			began := time.Now()
			_, err := b.Do(t.Context(), nil)
			require.NoError(t, err)
			require.LessOrEqual(t, time.Since(began), 2*time.Second)
		}
	})
}

// Each crowd that has to wait begins another call, as far as calls overlap.
func TestOverlap(t *testing.T) {
	for _, overlap := range []int{0, 1, 2, 5} {
		synctest.Test(t, func(t *testing.T) {
			s := &shared{}
			b := newBatcher(s, 100, 1000, overlap)
			began := time.Now()
			var wg sync.WaitGroup
			for range 7 {
				for range 20 {
					wg.Go(func() {
						_, err := b.Do(t.Context(), []byte("x"))
						require.NoError(t, err)
					})
				}
				synctest.Wait()
			}
			time.Sleep(time.Second)
			synctest.Wait()
			require.Len(t, s.written(), max(1, overlap))
			wg.Wait()
			require.LessOrEqual(t, time.Since(began), 3*time.Second)
		})
	}
}
