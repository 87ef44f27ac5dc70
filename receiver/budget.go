package receiver

import (
	"context"
	"sync"
	"time"
)

// patience is how long a large body waits for its share of the budget.
const patience = time.Second

// budget bounds the bytes that the large bodies of all requests take while nobody knows yet who sent them. Small bodies
// never ask for any, so a flood of large ones keeps none of them out. It is tempting to have small ones share it too.
// Then strangers could shut the door for all.
type budget struct {
	mu    sync.Mutex
	left  int64
	given chan struct{} // closed when some is given back; nil if nobody waits
}

// take waits for n bytes and reports whether it got them. Those who wait keep what they have: they must not do so for
// long, or all would wait for each other.
func (b *budget) take(ctx context.Context, n int64) bool {
	given := b.try(n)
	if given == nil {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for given != nil {
		select {
		case <-given:
			given = b.try(n)
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// try takes n bytes, or returns what is closed when it is worth another try.
func (b *budget) try(n int64) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n <= b.left {
		b.left -= n
		return nil
	}
	if b.given == nil {
		b.given = make(chan struct{})
	}
	return b.given
}

func (b *budget) give(n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left += n
	if b.given != nil {
		close(b.given)
		b.given = nil
	}
}
