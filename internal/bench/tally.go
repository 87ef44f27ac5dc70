package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// tally counts what finishes, for one that waits.
type tally struct {
	finished, target atomic.Int64
	reached          chan struct{}
}

func newTally() *tally { return &tally{reached: make(chan struct{}, 1)} }

func (t *tally) add() {
	if t.finished.Add(1) == t.target.Load() {
		t.reached <- struct{}{}
	}
}

// expect says how many more await waits for. Call it before they can finish.
func (t *tally) expect(n int) { t.target.Store(t.finished.Load() + int64(n)) }

func (t *tally) await(ctx context.Context, patience time.Duration) error {
	select {
	case <-t.reached:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(patience):
		return fmt.Errorf("after %v %d of %d are still to finish", patience, t.target.Load()-t.finished.Load(),
			t.target.Load())
	}
}
