package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"github.com/kirimhooks/kirimhooks/receiver"
)

// rehearse puts trouble before next: each run takes as long as slow, and the first fail runs of each event end in an
// error, which is answered with 500.
func rehearse(next receiver.EventHandler, fail int, slow time.Duration) receiver.EventHandler {
	runs := &tally{runs: map[string]int{}}
	return receiver.HandlerFunc(func(ctx context.Context, ev *receiver.Event) error {
		key, n := "", 0
		if fail > 0 {
			key = identity(ev)
			n = runs.begin(key)
		}
		if err := wait(ctx, slow); err != nil {
			return fmt.Errorf("receiver: -slow %v: %w", slow, err)
		}
		if n > 0 && n <= fail {
			return fmt.Errorf("receiver: -fail: run %d of %d that fail", n, fail)
		}
		err := next.HandleEvent(ctx, ev)
		if err == nil && fail > 0 {
			runs.forget(key)
		}
		return err
	})
}

// identity tells events apart where the dialect does not: Kirisan's have no id, so that equal bytes must do.
func identity(ev *receiver.Event) string {
	if ev.Key != "" {
		return ev.Key
	}
	return fmt.Sprintf("%x", sha256.Sum256(ev.Body))
}

func wait(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// tally counts the runs of events that have not been handled yet.
type tally struct {
	mu   sync.Mutex
	runs map[string]int
}

func (t *tally) begin(key string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.runs[key]++
	return t.runs[key]
}

func (t *tally) forget(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.runs, key)
}
