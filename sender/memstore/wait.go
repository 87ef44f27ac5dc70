package memstore

import (
	"context"
	"fmt"
)

// bell wakes those who wait for work. Guarded by Store.mu.
type bell struct {
	rung    chan struct{} // closed when it rings; then there is a new one
	waiting int
	unheard bool // it rang while nobody waited
}

func (b *bell) ring() {
	if b.waiting == 0 {
		b.unheard = true
		return
	}
	close(b.rung)
	b.rung, b.waiting = make(chan struct{}), 0
}

// Wait implements [driver.Waiter]. It wakes everybody who waits; if nobody does, the next call returns at once, so that
// work which arrives between a Claim and a Wait is not slept over.
func (s *Store) Wait(ctx context.Context) error {
	if _, err := s.begin(ctx, "wait"); err != nil {
		return err
	}
	if s.bell.unheard {
		s.bell.unheard = false
		s.mu.Unlock()
		return nil
	}
	s.bell.waiting++
	rung := s.bell.rung
	s.mu.Unlock()

	select {
	case <-rung:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bell.rung == rung {
		s.bell.waiting--
	} else {
		s.bell.ring() // it rang for one who leaves: pass it on
	}
	return fmt.Errorf("memstore: wait: %w", ctx.Err())
}
