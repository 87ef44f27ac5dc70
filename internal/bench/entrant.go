package main

import (
	"context"
	"fmt"
	"runtime/pprof"
	"time"
)

// entrant is a sender of webhooks that takes part in several cases.
type entrant struct {
	name string
	cpu  func() time.Duration // of its server
	open func(ctx context.Context) (system, func(), error)
}

// system is a sender with nothing in its store.
type system interface {
	// put publishes event number i, a new one of 1 KiB.
	put(ctx context.Context, i int) error
	// putBatch publishes the n events from number first on as cheaply as the system can.
	putBatch(ctx context.Context, first, n int) error
	// run starts its workers. The function it returns stops them.
	run(ctx context.Context) (stop func() error, err error)
	// expect says how many deliveries await waits for, in all that follows.
	expect(n int)
	// await returns once these are delivered and the store knows it.
	await(ctx context.Context, patience time.Duration) error
}

const patience = 2 * time.Minute

// putAll publishes the n events from number first on from so many callers at once.
func putAll(ctx context.Context, s system, first, n, callers int) error {
	return each(n, callers, func(i int) error { return s.put(ctx, first+i) })
}

// publishing is a way to publish n events.
type publishing func(ctx context.Context, s system, first, n int) error

func singly(callers int) publishing {
	return func(ctx context.Context, s system, first, n int) error { return putAll(ctx, s, first, n, callers) }
}

func inBatches(size int) publishing {
	return func(ctx context.Context, s system, first, n int) error {
		for i := 0; i < n; i += size {
			if err := s.putBatch(ctx, first+i, min(size, n-i)); err != nil {
				return err
			}
		}
		return nil
	}
}

// publishes is the time in which n events are stored while nobody delivers.
func (e entrant) publishes(n, callers int) contender {
	return contender{name: e.name, run: func(ctx context.Context) (sample, error) {
		s, done, err := e.open(ctx)
		if err != nil {
			return sample{}, err
		}
		defer done()
		warm := 4 * callers // connections are there, statements prepared
		if err := putAll(ctx, s, 0, warm, callers); err != nil {
			return sample{}, err
		}
		watch := start(e.cpu)
		if err := putAll(ctx, s, warm, n, callers); err != nil {
			return sample{}, err
		}
		return watch.stop(n), nil
	}}
}

// drains is the time in which workers that start get rid of a backlog of n.
func (e entrant) drains(n int) contender {
	return contender{name: e.name, run: func(ctx context.Context) (sample, error) {
		s, done, err := e.open(ctx)
		if err != nil {
			return sample{}, err
		}
		defer done()
		if err := inBatches(500)(ctx, s, 0, n); err != nil {
			return sample{}, err
		}
		s.expect(n)
		watch := start(e.cpu)
		return e.during(ctx, s, func() (sample, error) {
			err := s.await(ctx, patience)
			return watch.stop(n), err
		})
	}}
}

// sustains is the time from the first publish of n events to the last delivery, the workers running.
func (e entrant) sustains(n int, publish publishing) contender {
	return contender{name: e.name, run: func(ctx context.Context) (sample, error) {
		s, done, err := e.open(ctx)
		if err != nil {
			return sample{}, err
		}
		defer done()
		return e.during(ctx, s, func() (sample, error) {
			warm := max(n/10, 100)
			if err := cycle(ctx, s, 0, warm, publish); err != nil {
				return sample{}, err
			}
			watch := start(e.cpu)
			err := cycle(ctx, s, warm, n, publish)
			return watch.stop(n), err
		})
	}}
}

// cycle publishes and waits until all is delivered.
func cycle(ctx context.Context, s system, first, n int, publish publishing) error {
	s.expect(n)
	if err := publish(ctx, s, first, n); err != nil {
		return err
	}
	return s.await(ctx, patience)
}

// during runs work while the workers run.
func (e entrant) during(ctx context.Context, s system, work func() (sample, error)) (sample, error) {
	defer pprof.SetGoroutineLabels(ctx)
	ctx = pprof.WithLabels(ctx, pprof.Labels("stage", "delivering"))
	pprof.SetGoroutineLabels(ctx)
	stop, err := s.run(ctx)
	if err != nil {
		return sample{}, err
	}
	result, err := work()
	if stopErr := stop(); err == nil && stopErr != nil {
		err = fmt.Errorf("stop: %w", stopErr)
	}
	return result, err
}
