package sendertest

import (
	"io"
	"log/slog"
	"sync"
	"testing"
)

// logger writes to the test's log. What comes after the test is dropped, since testing panics on it.
func logger(t testing.TB) *slog.Logger {
	out := &output{w: t.Output()}
	t.Cleanup(out.close)
	return slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

type output struct {
	mu sync.Mutex
	w  io.Writer // nil after the test
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.w == nil {
		return len(p), nil
	}
	return o.w.Write(p)
}

func (o *output) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.w = nil
}
