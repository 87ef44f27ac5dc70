package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/kirimhooks/kirimhooks/receiver"
)

// rehearse puts trouble before next: each run takes as long as slow, and the first fail runs of each event end in an
// error.
func rehearse(next receiver.EventHandler, fail int, slow time.Duration) receiver.EventHandler {
	var mu sync.Mutex
	runs := map[string]int{}
	failing := func(ev *receiver.Event) bool {
		mu.Lock()
		defer mu.Unlock()
		key := ev.Key + "\n" + string(ev.Body) // Kirisan's have no key
		if runs[key] == fail {
			delete(runs, key)
			return false
		}
		runs[key]++
		return true
	}
	return receiver.HandlerFunc(func(ctx context.Context, ev *receiver.Event) error {
		select {
		case <-time.After(slow):
		case <-ctx.Done():
			return fmt.Errorf("-slow %v: %w", slow, context.Cause(ctx))
		}
		if failing(ev) {
			return fmt.Errorf("-fail: one of the first %d runs", fail)
		}
		return next.HandleEvent(ctx, ev)
	})
}
