package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/sender"
)

// rig is our Sender with its subscriptions. Signing and the log of attempts are on, as they always are.
type rig struct {
	sender *sender.Sender
	org    *sender.Org
	types  int // event number i has type i modulo this; each subscription wants one
	*tally
}

// setup is what a rig is made of.
type setup struct {
	store sender.Store
	far   *sink
	// subscriptions all lie on one host, each on a path of its own. Event number i goes to subscription i modulo this.
	subscriptions int
	config        sender.Config // what the case wants; the rest is filled in
}

func newRig(ctx context.Context, su setup) (*rig, error) {
	r := &rig{types: su.subscriptions, tally: newTally()}
	cfg := su.config
	cfg.MaxSubscriptions = -1
	cfg.Logger = slog.New(slog.DiscardHandler)
	cfg.AllowPrivate = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	cfg.Hooks.Finished = func(context.Context, sender.Delivery) { r.add() } // delivered, logged and settled
	s, err := sender.New(su.store, cfg)
	if err != nil {
		return nil, err
	}
	r.sender, r.org = s, s.Org("bench")
	for i := range su.subscriptions {
		_, _, err := r.org.Subscribe(ctx, sender.Subscription{URL: su.far.endpoint(i), Events: []string{eventType(i)}})
		if err != nil {
			return nil, err
		}
	}
	return r, nil
}

func eventType(i int) string { return fmt.Sprint("load.e", i) }

var padding = strings.Repeat("x", 850)

// event is a new one of 1 KiB, for subscription to. Its body says when it was made.
func event(to int) (envelope.Event, error) {
	kind := kirim.NewKind[map[string]any](eventType(to))
	return kirim.NewEvent(kind, map[string]any{"sent": time.Now().UnixNano(), "padding": padding})
}

// publish publishes n events from so many callers at once.
func (r *rig) publish(ctx context.Context, n, callers int) error {
	return each(n, callers, func(i int) error {
		ev, err := event(i % r.types)
		if err != nil {
			return err
		}
		_, err = r.org.Publish(ctx, ev)
		return err
	})
}

// each does the work for all numbers below n, so many at once, and returns the first error.
func each(n, atOnce int, work func(i int) error) error {
	var next atomic.Int64
	return parallel(atOnce, func() error {
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			if err := work(i); err != nil {
				return err
			}
		}
		return nil
	})
}

// parallel runs work n times at once and returns the first error.
func parallel(n int, work func() error) error {
	var wg sync.WaitGroup
	errs := make(chan error, n)
	for range n {
		wg.Go(func() { errs <- work() })
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// run starts the workers. The function it returns stops them.
func (r *rig) run(ctx context.Context) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- r.sender.Run(ctx) }()
	return func() error {
		cancel()
		return <-ended
	}
}
