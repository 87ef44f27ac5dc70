package batcher_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/internal/batcher"
)

func TestSizeFollowsTheCalls(t *testing.T) {
	s := batcher.NewSize(100, time.Second)
	require.Equal(t, 100, s.Now())
	s.Learn(1, 2*time.Second, nil)
	require.Equal(t, 50, s.Now(), "it was slow")
	s.Learn(50, time.Millisecond, errors.New("no server"))
	require.Equal(t, 25, s.Now(), "it failed")
	for range 5 {
		s.Learn(1, 2*time.Second, nil)
	}
	require.Equal(t, 8, s.Now(), "a few go always")
	s.Learn(7, time.Millisecond, nil)
	require.Equal(t, 8, s.Now(), "one that was not full says nothing")
	for _, want := range []int{16, 32, 64, 100, 100} {
		s.Learn(s.Now(), time.Millisecond, nil)
		require.Equal(t, want, s.Now())
	}
	few := batcher.NewSize(3, time.Second)
	few.Learn(3, time.Minute, nil)
	require.Equal(t, 3, few.Now())
}
