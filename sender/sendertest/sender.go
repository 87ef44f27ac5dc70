package sendertest

import (
	"cmp"
	"testing"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// New makes a Sender over a memory store of its own, whose attempts go to the endpoints, and runs it until the test
// ends. cfg is as for [sender.New], except for these defaults:
//
//   - Contracts: Kirim's, [Hurried].
//   - Transport: [Transport] with the endpoints. A cfg that has one is refused if there are endpoints too, since they
//     would never be reached.
//   - Logger: the test's own log, from level Debug.
//   - PollInterval: 1 minute, since a memory store says by itself when work is due.
//
// Whatever is wrong with cfg ends the test.
func New(t testing.TB, cfg sender.Config, endpoints ...*Endpoint) *sender.Sender {
	t.Helper()
	switch {
	case cfg.Transport == nil:
		cfg.Transport = Transport(t, endpoints...)
	case len(endpoints) > 0:
		t.Fatal("sendertest: New: Config.Transport leads past the endpoints; let it call sendertest.Transport")
	}
	if len(cfg.Contracts) == 0 {
		cfg.Contracts = []sender.Contract{Hurried(sender.Kirim())}
	}
	if cfg.Logger == nil {
		cfg.Logger = logger(t)
	}
	cfg.PollInterval = cmp.Or(cfg.PollInterval, time.Minute)
	s, err := sender.New(memstore.New(), cfg)
	if err != nil {
		t.Fatalf("sendertest: New: %v", err)
	}
	Run(t, s)
	return s
}

// Run runs s until the test ends: for Senders that a test made itself, over a store of its own choice. When the test
// ends it waits for attempts in flight, which those over a [Transport] of this test cut short.
func Run(t testing.TB, s *sender.Sender) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.Run(t.Context()); err != nil {
			t.Errorf("sendertest: Run: %v", err)
		}
	}()
	t.Cleanup(func() { <-done })
}

// Hurried returns c with as many attempts as it had, 1 ms apart, without jitter.
func Hurried(c sender.Contract) sender.Contract {
	c.Schedule, c.Jitter = hurry{c.Schedule}, -1
	return c
}

type hurry struct{ sender.Schedule }

func (h hurry) Wait(n int) (time.Duration, bool) {
	_, more := h.Schedule.Wait(n)
	return time.Millisecond, more
}
