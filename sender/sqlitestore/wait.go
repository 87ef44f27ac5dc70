package sqlitestore

import (
	"context"
	"sync"
	"time"
)

// bell wakes those who wait for work.
type bell struct {
	mu   sync.Mutex
	rung chan struct{} // closed when it rings; then there is a new one
	loud bool          // it rang, and nobody has woken since
	next int64         // the moment that the last claim foresaw
	seen marker        // what the last claim, or the last wake-up, had seen
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ringLocked()
}

func (b *bell) ringLocked() {
	b.loud = true
	close(b.rung)
	b.rung = make(chan struct{})
}

// expect rings if something falls due before what the last claim foresaw.
func (b *bell) expect(at int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if at < b.next {
		b.next = at
		b.ringLocked()
	}
}

// heard notes how far a claim has looked.
func (b *bell) heard(o outlook) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.next, b.seen = o.next, o.seen
}

// woken takes the ring that nobody heard, or gives the channel on which to hear the next.
func (b *bell) woken() (rung chan struct{}, loud bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	loud, b.loud = b.loud, false
	return b.rung, loud
}

// moved reports that something was stored since anybody looked.
func (b *bell) moved(to marker) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	moved := b.seen != to
	b.seen = to
	return moved
}

// Wait implements [driver.Waiter]. What this process stores wakes everybody who waits at once; if nobody does, the next
// call returns at once. For what others store it looks every Config.PollInterval.
//
// It compares counters rather than PRAGMA data_version: that is private to one connection, which would have to be set aside for
// it, and changes with every result that another process writes.
func (s *Store) Wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return failed("wait", ctx, err)
	}
	rung, loud := s.bell.woken()
	if loud {
		return nil
	}
	tick := time.NewTicker(s.cfg.PollInterval)
	defer tick.Stop()
	for {
		select {
		case <-rung:
			s.bell.woken()
			return nil
		case <-ctx.Done():
			return failed("wait", ctx, ctx.Err())
		case <-tick.C:
		}
		var o outlook
		if err := s.read(ctx, sqlOutlook, nil, o.scan); err != nil {
			return failed("wait", ctx, err)
		}
		if s.bell.moved(o.seen) {
			return nil
		}
	}
}
