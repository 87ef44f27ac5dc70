package memstore

import (
	"context"
	"fmt"
)

// ring wakes those who wait now.
func (s *Store) ring() {
	close(s.rung)
	s.rung = make(chan struct{})
}

// Wait implements [driver.Waiter]. News wakes everybody who waits. If nobody does, the next call returns at once: work
// that arrives between a Claim and a Wait is not slept over.
func (s *Store) Wait(ctx context.Context) error {
	if _, err := s.begin(ctx, "wait"); err != nil {
		return err
	}
	rung, unheard := s.rung, s.unheard
	s.unheard = false
	s.end()
	if unheard {
		return nil
	}
	select {
	case <-rung:
	case <-ctx.Done(): // what rang meanwhile is for the next one
		return fmt.Errorf("memstore: wait: %w", ctx.Err())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unheard = false
	return nil
}
