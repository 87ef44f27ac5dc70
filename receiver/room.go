package receiver

import (
	"context"
	"sync"
	"time"
)

// patience is how long a large body waits for room.
const patience = time.Second

// room bounds what the large bodies of all requests hold together while nobody knows yet who sent them. Small bodies never
// ask for it, so a flood of large ones keeps none of them out: genuine large ones it makes come again. It is tempting to have
// small ones share it too. Then strangers could shut the door for all.
type room struct {
	mu    sync.Mutex
	left  int64
	given chan struct{} // closed when some is given back; nil if nobody waits
}

// take waits for n bytes of room, and reports whether it got them. Those who wait hold what they have: they must not do
// so for long, or all would wait for each other.
func (r *room) take(ctx context.Context, n int64) bool {
	given := r.try(n)
	if given == nil {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for given != nil {
		select {
		case <-given:
			given = r.try(n)
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// try takes n bytes, or returns what is closed when it is worth another try.
func (r *room) try(n int64) <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n <= r.left {
		r.left -= n
		return nil
	}
	if r.given == nil {
		r.given = make(chan struct{})
	}
	return r.given
}

func (r *room) give(n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left += n
	if r.given != nil {
		close(r.given)
		r.given = nil
	}
}
