package harness

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

// assignmentVar is the variable that makes a process a worker.
const assignmentVar = "KIRIMHOOKS_HARNESS_WORKER"

// assignment is what a worker is to do.
type assignment struct {
	Name             string // slot and life
	Backend, Address string
	Journal          string
	Lease            time.Duration
	Quiet            bool  // publish nothing new
	Point            Point // die there…
	Hit              int   // …when it is passed for this time…
	Hold             bool  // …or wait there for the word of the parent
}

// What a worker says on its standard output, and its parent on the worker's standard input, a line each.
const (
	saysReady     = "ready"     // it runs
	saysPublished = "published" // what its predecessors left is published
	saysReached   = "reached"   // it is at its point
	wordGo        = "go"
)

// Work makes the process a worker if it was started as one, and does not return then. TestMain calls it first.
func Work(backends ...Backend) {
	text, is := os.LookupEnv(assignmentVar)
	if !is {
		return
	}
	var a assignment
	err := json.Unmarshal([]byte(text), &a)
	if err == nil {
		err = work(a, backends)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "harness: worker:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func work(a assignment, backends []Backend) error {
	i := slices.IndexFunc(backends, func(b Backend) bool { return b.Name == a.Backend })
	if i < 0 {
		return fmt.Errorf("no backend %q", a.Backend)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	trap := newTrap(a)
	go trap.listen()

	left, err := unfinished(a.Journal)
	if err != nil {
		return err
	}
	journal, err := OpenJournal(a.Journal)
	if err != nil {
		return err
	}
	opened, err := open(ctx, backends[i], a.Address)
	if err != nil {
		return err
	}
	defer opened.Close()
	s, err := newSender(a, opened.Store, journal, trap)
	if err != nil {
		return err
	}
	p := &publisher{sender: s, opened: opened, journal: journal, worker: a.Name, pass: trap.pass}
	var publishing sync.WaitGroup
	defer publishing.Wait()
	publishing.Go(func() {
		for _, id := range left {
			p.publish(ctx, id)
		}
		fmt.Println(saysPublished)
	})
	if !a.Quiet {
		const publishers = 3
		for range publishers {
			publishing.Go(func() { p.publishOn(ctx) })
		}
	}
	fmt.Println(saysReady)
	return s.Run(ctx)
}

// newSender makes a Sender that passes through the trap wherever a delivery can be.
func newSender(a assignment, store sender.Store, journal *Journal, trap *trap) (*sender.Sender, error) {
	cfg := config(a.Name)
	cfg.Logger = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	cfg.Hooks.AttemptStart = func(ctx context.Context, _ sender.Delivery, _ string) context.Context {
		trap.pass(PointBeforeSend)
		return ctx
	}
	cfg.Hooks.AttemptDone = func(context.Context, sender.Delivery, sender.Attempt) { trap.pass(PointAfterSend) }
	return sender.New(watch(&watched{Store: store, worker: a.Name, lease: a.Lease, journal: journal, pass: trap.pass}),
		cfg)
}

// open goes on trying while the database is away.
func open(ctx context.Context, b Backend, address string) (*Opened, error) {
	for {
		limited, cancel := context.WithTimeout(ctx, 5*time.Second)
		opened, err := b.Open(limited, address)
		cancel()
		if err == nil {
			return opened, nil
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(err, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}
