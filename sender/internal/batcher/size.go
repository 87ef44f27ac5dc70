package batcher

import (
	"sync/atomic"
	"time"
)

// smallest is what even a call in trouble is given.
const smallest = 8

// Size is how many items a call may take, by how the last ones went. A call that fails or is slow halves it, so that
// the next gets done in time. Each quick call that was full doubles it again. Its methods may be called concurrently.
type Size struct {
	most int
	slow time.Duration
	now  atomic.Int64
}

// NewSize makes a Size that begins with most. A call that takes longer than slow is slow.
func NewSize(most int, slow time.Duration) *Size {
	s := &Size{most: most, slow: slow}
	s.now.Store(int64(most))
	return s
}

// Now is how many items the next call may take.
func (s *Size) Now() int { return int(s.now.Load()) }

// Learn tells of a call with so many items.
func (s *Size) Learn(items int, took time.Duration, err error) {
	n := s.Now()
	switch {
	case err != nil || took > s.slow:
		s.now.Store(int64(max(min(smallest, s.most), n/2)))
	case items >= n && n < s.most:
		s.now.Store(int64(min(s.most, 2*n)))
	}
}
