package sqlinbox

import (
	"context"
	"crypto/rand"
	"errors"
	"strconv"
	"sync"
	"time"
)

// Run runs the handler for events that are due, until ctx ends: in this process up to Config.Workers at once, in any
// number of processes side by side. Then it takes no more, waits for those that run, ends their contexts after
// Config.ShutdownTimeout, and returns. It is nil unless handlers did not return even then: those go on without a lease,
// and what they write with [Tx] is rolled back.
//
// A database that fails, or does not answer yet, is logged and asked again; only one without the tables, or whose
// commits may be lost, is an error. Only one Run of an Inbox goes on at a time.
func (b *Inbox) Run(ctx context.Context) error {
	ended := ctx.Err
	if !b.ended.CompareAndSwap(nil, &ended) {
		return errors.New("sqlinbox: run: it runs already")
	}
	b.ran.Store(true)
	defer b.ended.Store(nil)
	if err := b.ready(ctx); err != nil || ctx.Err() != nil {
		return err
	}
	b.checkPool(ctx)
	handlers, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	r := &runner{
		Inbox: b, name: rand.Text(), handlers: handlers, running: make(map[*job]bool), ended: make(chan struct{}, 1),
	}
	beside, stop := context.WithCancel(context.WithoutCancel(ctx))
	var others sync.WaitGroup
	others.Go(func() { r.renewLeases(beside) })
	others.Go(func() { r.tidy(beside) })
	others.Go(func() { r.repeat(ctx, "lanes", r.lanes, r.routeLanes) })
	r.repeat(ctx, "claim", r.wake, r.fetch)
	err := r.shutDown(cancel)
	stop()
	others.Wait()
	return err
}

// ready waits for the database. It is nil if ctx ends first.
func (b *Inbox) ready(ctx context.Context) error {
	fault := fault{first: 100 * time.Millisecond, last: 5 * time.Second}
	for {
		err := b.check(ctx)
		switch {
		case err == nil, ctx.Err() != nil:
			return nil
		case !errors.Is(err, errAway):
			return err
		}
		b.trouble(ctx, "check", err)
		_ = sleep(ctx, fault.pause())
	}
}

// checkPool warns where handlers could hold every connection, so that no lease can be renewed.
func (b *Inbox) checkPool(ctx context.Context) {
	if most := b.db.db.Stats().MaxOpenConnections; !b.db.grouped && most > 0 && most <= b.cfg.Workers {
		b.cfg.Logger.WarnContext(ctx, "sqlinbox: the pool should have more connections than there are workers",
			"connections", most, "workers", b.cfg.Workers)
	}
}

// runner is one Run.
type runner struct {
	*Inbox
	name     string          // begins the tokens
	handlers context.Context // of all handlers
	claims   int
	ended    chan struct{} // a job has

	mu      sync.Mutex
	running map[*job]bool
	hungry  bool // there was more than there were workers
}

// repeat calls f until ctx ends: at once if it says that there is more, else when it is woken, or after a while.
func (r *runner) repeat(ctx context.Context, op string, wake <-chan struct{}, f func(context.Context) (bool, error)) {
	fault := fault{first: 100 * time.Millisecond, last: 5 * time.Second}
	for ctx.Err() == nil {
		more, err := f(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			r.trouble(ctx, op, err)
			_ = sleep(ctx, fault.pause())
			continue
		}
		fault.over()
		if more {
			continue
		}
		timer := time.NewTimer(r.cfg.PollInterval)
		select {
		case <-ctx.Done():
		case <-wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// routeLanes lets those run whose turn has come. Another process may have lanes even if this one has none.
func (r *runner) routeLanes(ctx context.Context) (more bool, err error) {
	moved, more, err := r.route(ctx)
	if moved {
		r.rouse()
	}
	return more, err
}

// fetch starts what is due, as far as there are workers. There is never more to do at once: who ends will wake it.
func (r *runner) fetch(ctx context.Context) (more bool, err error) {
	r.mu.Lock()
	free := r.cfg.Workers - len(r.running)
	r.mu.Unlock()
	if free <= 0 {
		return false, nil // the next one that ends will rouse us
	}
	r.claims++
	held := time.Now()
	claims, err := r.claim(ctx, r.name+"."+strconv.Itoa(r.claims), free)
	if err != nil {
		return false, err
	}
	r.mu.Lock()
	r.hungry = len(claims) == free
	r.mu.Unlock()
	for i := range claims {
		r.start(&claims[i], held)
	}
	return false, nil
}

// fault counts how long something has been failing.
type fault struct{ first, last, next time.Duration }

func (f *fault) pause() time.Duration {
	f.next = min(max(2*f.next, f.first), f.last)
	return f.next
}

func (f *fault) over() { f.next = 0 }
