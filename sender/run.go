package sender

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/internal/batcher"
)

// runner is one Run: claim → attempt → settle, and back as soon as slots are free. It only joins the parts. Each has
// its own fields, and its file says what else it may touch.
type runner struct {
	ended   func() error // not nil: Run's context has
	alarm   *alarm
	queue   *queue
	claimer *claimer
	workers *workers
	settler *settler
}

func newRunner(s *Sender) *runner {
	slow := slow(s.cfg.StoreTimeout)
	alarm, queue := newAlarm(), newQueue(s.cfg.Workers)
	conclusions := make(chan conclusion, 2*s.cfg.Workers) // the limiter allows no more
	claimer := &claimer{s: s, alarm: alarm, queue: queue, size: batcher.NewSize(maxClaim, slow)}
	return &runner{
		alarm: alarm, queue: queue, claimer: claimer,
		workers: &workers{s: s, alarm: alarm, queue: queue, caughtUp: &claimer.caughtUp, conclusions: conclusions},
		settler: &settler{s: s, alarm: alarm, conclusions: conclusions, size: batcher.NewSize(maxSettle, slow)},
	}
}

// Run delivers until ctx ends, then stops claiming, lets attempts in flight finish within Config.ShutdownTimeout,
// writes what became of them and returns nil. It may be called again afterwards, but not twice at once. Any number
// of processes may Run on one store that they share.
func (s *Sender) Run(ctx context.Context) error {
	r := newRunner(s)
	r.ended = ctx.Err
	if !s.runner.CompareAndSwap(nil, r) {
		return errors.New("sender: Run is running already")
	}
	s.ran.Store(true)
	defer s.runner.Store(nil)
	attempts, cutOff := outlive(ctx, s.cfg.ShutdownTimeout)
	defer cutOff()
	writes, giveUp := outlive(ctx, s.cfg.ShutdownTimeout+s.cfg.StoreTimeout)
	defer giveUp()

	var workers, others sync.WaitGroup
	for range s.cfg.Workers {
		workers.Go(func() { r.workers.run(attempts) })
	}
	others.Go(func() { r.settler.run(writes) })
	if w, ok := s.store.store.(driver.Waiter); ok {
		others.Go(func() { s.listen(ctx, w, r.alarm) })
	}
	others.Go(func() { s.activateCommitted(ctx) })
	if s.cfg.Retention.Every > 0 {
		others.Go(func() { s.purgeRegularly(ctx) })
	}

	r.claimer.run(ctx)
	stopTelling := s.tellWaiting(ctx)
	defer stopTelling()
	r.queue.close(s.limiter.Drain)
	workers.Wait()
	close(r.workers.conclusions)
	others.Wait()
	return nil
}

// outlive returns a context that ends d after ctx has, or when it is cancelled.
func outlive(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(d, cancel)
		context.AfterFunc(longer, func() { timer.Stop() })
	})
	return longer, cancel
}

// newBackOff spaces out what fails in the background, for as long as it fails.
func newBackOff() backoff.BackOff {
	return backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(100*time.Millisecond), backoff.WithMaxInterval(5*time.Second),
		backoff.WithMaxElapsedTime(0))
}

// A shutdown says what it waits for after the first of these, and then after each of the second.
const (
	waitingFirst = time.Second
	waitingEvery = 5 * time.Second
)

// tellWaiting says what a shutdown waits for, every few seconds, until stop is called.
func (s *Sender) tellWaiting(ctx context.Context) (stop func()) {
	until := time.Now().Add(s.cfg.ShutdownTimeout)
	over, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var telling sync.WaitGroup
	telling.Go(func() {
		for wait := waitingFirst; pause(over, wait); wait = waitingEvery {
			attempts, outcomes := s.limiter.Taken()
			s.cfg.Logger.InfoContext(over, "shutdown waits", "attempts", attempts, "outcomes", outcomes,
				"remaining", max(0, time.Until(until)).Round(time.Second))
		}
	})
	return func() {
		cancel()
		telling.Wait()
	}
}
