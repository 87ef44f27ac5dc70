// Package verdicttest runs cases of a conformance suite that are to fail, without failing the test that watches them.
package verdicttest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
)

// T is what a suite asks of a test. It remembers what it is told. Safe for concurrent use.
type T struct {
	ctx context.Context

	mu       sync.Mutex
	failures []string
	logs     []string
}

// Judge runs a case on a goroutine of its own, until it returns or gives up.
func Judge(ctx context.Context, run func(t *T)) *T {
	t := &T{ctx: ctx}
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(t)
	}()
	<-done
	return t
}

// Failed reports whether the case has failed.
func (t *T) Failed() bool { return len(t.Failures()) > 0 }

// Failures is what the case had to say.
func (t *T) Failures() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.failures)
}

// Logs is what it logged.
func (t *T) Logs() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.logs)
}

// Helper does nothing.
func (t *T) Helper() {}

// Context is that of Judge.
func (t *T) Context() context.Context { return t.ctx }

// Logf remembers a line.
func (t *T) Logf(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.logs = append(t.logs, fmt.Sprintf(format, args...))
}

// Errorf remembers a failure.
func (t *T) Errorf(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failures = append(t.failures, fmt.Sprintf(format, args...))
}

// FailNow ends the case.
func (t *T) FailNow() {
	t.Errorf("FailNow")
	runtime.Goexit()
}
