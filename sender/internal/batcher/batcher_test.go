package batcher_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/internal/batcher"
)

// shared is a call that takes a second, answers in upper case, and keeps what it was given.
type shared struct {
	write func(ctx context.Context, items [][]byte) error // nil: all is well

	mu    sync.Mutex
	calls [][]string
}

func (s *shared) Write(ctx context.Context, items [][]byte) ([]string, error) {
	time.Sleep(time.Second)
	var texts, results []string
	for _, item := range items {
		texts, results = append(texts, string(item)), append(results, strings.ToUpper(string(item)))
	}
	s.mu.Lock()
	s.calls = append(s.calls, texts)
	s.mu.Unlock()
	if s.write == nil {
		return results, nil
	}
	return results, s.write(ctx, items)
}

// written are the calls so far, each in the order of the alphabet.
func (s *shared) written() [][]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, call := range s.calls {
		slices.Sort(call)
	}
	return s.calls
}

func newBatcher(s *shared, most, maxBytes, overlap int) *batcher.Batcher[[]byte, string] {
	return batcher.New(batcher.Config[[]byte, string]{
		Write: s.Write, Own: slices.Clone[[]byte], Bytes: func(item []byte) int { return len(item) },
		MaxBytes: maxBytes, Size: batcher.NewSize(most, time.Minute), Overlap: overlap,
	})
}

// all calls Do with each item and returns when all are answered. The first is under way before the others come.
func all(t *testing.T, b *batcher.Batcher[[]byte, string], items ...string) (failed map[string]error) {
	t.Helper()
	failed = map[string]error{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i, item := range items {
		wg.Go(func() {
			result, err := b.Do(t.Context(), []byte(item))
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed[item] = err
			} else if result != strings.ToUpper(item) {
				failed[item] = errors.New("answered with " + result)
			}
		})
		if i == 0 {
			synctest.Wait()
		}
	}
	wg.Wait()
	return failed
}

func TestLoneCallerWaitsForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shared{}
		b := newBatcher(s, 10, 100, 1)
		for range 3 {
			began := time.Now()
			require.Empty(t, all(t, b, "a"))
			require.Equal(t, time.Second, time.Since(began))
		}
		require.Equal(t, [][]string{{"a"}, {"a"}, {"a"}}, s.written())
	})
}

func TestCallersShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shared{}
		began := time.Now()
		require.Empty(t, all(t, newBatcher(s, 10, 100, 1), "a", "b", "c", "d"))
		require.Equal(t, [][]string{{"a"}, {"b", "c", "d"}}, s.written())
		require.Equal(t, 2*time.Second, time.Since(began))
	})
}

func TestLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shared{}
		require.Empty(t, all(t, newBatcher(s, 3, 100, 1), "a", "b", "c", "d", "e", "f"))
		require.Equal(t, []int{1, 3, 2}, lengths(s.written()), "by number")
		s = &shared{}
		require.Empty(t, all(t, newBatcher(s, 9, 6, 1), "aa", "bb", "cc", "dd", "ee", "much too large"))
		for _, call := range s.written() {
			require.True(t, len(call) == 1 || len(strings.Join(call, "")) <= 6, "by size: %v", call)
		}
		require.Len(t, slices.Concat(s.written()...), 6)
	})
}

func lengths(calls [][]string) (list []int) {
	for _, call := range calls {
		list = append(list, len(call))
	}
	return list
}

func TestBadItemFailsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bad := errors.New("bad")
		s := &shared{write: func(_ context.Context, items [][]byte) error {
			if slices.ContainsFunc(items, func(item []byte) bool { return string(item) == "x" }) {
				return bad
			}
			return nil
		}}
		require.Equal(t, map[string]error{"x": bad}, all(t, newBatcher(s, 10, 100, 1), "a", "b", "x", "c"))
	})
}

func TestDeadlineAnswersAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shared{write: func(context.Context, [][]byte) error { return context.DeadlineExceeded }}
		began := time.Now()
		require.Len(t, all(t, newBatcher(s, 10, 100, 1), "a", "b", "c", "d"), 4)
		require.Equal(t, 2*time.Second, time.Since(began), "nobody tries again")
	})
}

func TestPanicEndsOneCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shared{}
		var once sync.Once
		s.write = func(_ context.Context, items [][]byte) error {
			if len(items) > 1 {
				once.Do(func() { panic("a bug") })
			}
			return nil
		}
		b := newBatcher(s, 10, 100, 1)
		var mu sync.Mutex
		var wg sync.WaitGroup
		answered, panicked := 0, 0
		do := func() {
			defer func() {
				p := recover()
				mu.Lock()
				defer mu.Unlock()
				if p != nil {
					panicked++
				}
			}()
			_, err := b.Do(t.Context(), []byte("a"))
			require.NoError(t, err)
			mu.Lock()
			defer mu.Unlock()
			answered++
		}
		wg.Go(do)
		synctest.Wait()
		for range 5 {
			wg.Go(do)
		}
		wg.Wait()
		require.Equal(t, []int{5, 1}, []int{answered, panicked})
		require.Empty(t, all(t, b, "a", "b"), "and the next ones are served")
	})
}
