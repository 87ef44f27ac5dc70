package sendertest_test

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"testing"
)

// standIn is a test that may fail without failing the one that watches it.
type standIn struct {
	testing.TB
	ctx context.Context
	out io.Writer

	mu       sync.Mutex
	failures []string
	logs     []string
	cleanups []func()
	over     bool
}

// watch runs f as a test of its own, cleanups included, and returns it.
func watch(t *testing.T, f func(t testing.TB)) *standIn {
	ctx, cancel := context.WithCancel(t.Context())
	s := &standIn{TB: t, ctx: ctx, out: t.Output()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(s)
	}()
	<-done
	cancel()
	for _, cleanup := range slices.Backward(s.cleanups) {
		cleanup()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	return s
}

func (s *standIn) Context() context.Context { return s.ctx }
func (s *standIn) Output() io.Writer        { return s }

func (s *standIn) Cleanup(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cleanups = append(s.cleanups, f)
}

func (s *standIn) Write(p []byte) (int, error) {
	s.Logf("%s", p)
	return s.out.Write(p)
}

func (s *standIn) Logf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		panic("log after the test")
	}
	s.logs = append(s.logs, fmt.Sprintf(format, args...))
}

func (s *standIn) Errorf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		panic("failure after the test")
	}
	s.failures = append(s.failures, fmt.Sprintf(format, args...))
}

func (s *standIn) Fatalf(format string, args ...any) {
	s.Errorf(format, args...)
	runtime.Goexit()
}

func (s *standIn) Fatal(args ...any) { s.Fatalf("%s", fmt.Sprint(args...)) }
