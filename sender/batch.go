package sender

import (
	"sync/atomic"
	"time"
)

// leastBatch is what a store in trouble is still given at once.
const leastBatch = 8

// batch is how many rows one call of the store takes. A call that fails or takes long halves it, so that a slow store gets
// done with one in time and the next outcome does not wait behind hundreds; each quick one that was full doubles it again.
type batch struct {
	most int
	slow time.Duration
	now  atomic.Int64 // 0: most
}

func newBatch(most int, storeTimeout time.Duration) *batch {
	return &batch{most: most, slow: storeTimeout / 4}
}

func (b *batch) size() int {
	if n := int(b.now.Load()); n > 0 {
		return n
	}
	return b.most
}

// took learns from a call with so many rows.
func (b *batch) took(rows int, d time.Duration, err error) {
	n := b.size()
	switch {
	case err != nil || d > b.slow:
		b.now.Store(int64(max(min(leastBatch, b.most), n/2)))
	case rows >= n && n < b.most:
		b.now.Store(int64(min(b.most, 2*n)))
	}
}
