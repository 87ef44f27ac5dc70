package sender

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const (
	maxClaim = 500 // deliveries of one claim
	// company is how long a claim waits for more slots to get free, so that one round trip brings more.
	company = 5 * time.Millisecond
	// maxParked is how long a claim may wait for another of its lane.
	maxParked = 2 * time.Second
)

// Run delivers until ctx ends, then stops claiming, lets attempts in flight finish within Config.ShutdownTimeout,
// writes what became of them and returns nil. It may be called again afterwards, but not twice at once. Any number
// of processes may Run on one store that they share.
func (s *Sender) Run(ctx context.Context) error {
	r := newRunner(s)
	if !s.runner.CompareAndSwap(nil, r) {
		return errors.New("sender: Run is running already")
	}
	defer s.runner.Store(nil)
	attempts, cutOff := outlive(ctx, s.cfg.ShutdownTimeout)
	defer cutOff()
	writes, giveUp := outlive(ctx, s.cfg.ShutdownTimeout+s.cfg.StoreTimeout)
	defer giveUp()

	var workers, settler sync.WaitGroup
	for range s.cfg.Workers {
		workers.Go(func() { r.work(attempts) })
	}
	settler.Go(func() { r.settleAll(writes) })
	if w, ok := s.store.store.(driver.Waiter); ok {
		settler.Go(func() { r.listen(ctx, w) })
	}
	settler.Go(func() { s.activateCommitted(ctx) })
	if s.cfg.Retention.Every > 0 {
		settler.Go(func() { s.purgeRegularly(ctx) })
	}

	r.claimAll(ctx)
	var telling sync.WaitGroup
	waiting, over := context.WithCancel(context.WithoutCancel(ctx))
	telling.Go(func() { r.tellWaiting(waiting, time.Now().Add(s.cfg.ShutdownTimeout)) })
	r.close()
	workers.Wait()
	close(r.concluded)
	settler.Wait()
	over()
	telling.Wait()
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

// runner is the state of one Run: claim → attempt → settle, and back as soon as there is room.
type runner struct {
	s         *Sender
	jobs      chan job
	concluded chan conclusion
	claims    *batch
	settles   *batch
	wake      chan struct{} // something may be due
	roomy     chan struct{} // half of the slots have become free
	rearm     chan struct{} // next has become sooner

	feeding  sync.Mutex    // held by whoever sends to jobs, so that nobody does once they are closed
	stopping atomic.Bool   // set under feeding
	lent     int           // publishers that may claim and have not handed over yet; under feeding
	returned chan struct{} // closed when there are none left, once stopping

	// short: the last claim left nobody out and brought less than asked. Only then may a publisher take its own deliveries
	// past the queue, since nothing that was due before them is waiting.
	short atomic.Bool

	mu   sync.Mutex
	next time.Time // when the claim loop looks again at the latest; zero: it has not said yet
}

// job is a claim and the moment until which it is ours for certain.
type job struct {
	*claim
	until  time.Time
	parked time.Time // since when it had to wait for another of its lane; zero: it had not
}

// stale reports a job that has been parked for so long that its subscription may have been paused or changed since.
func (j *job) stale() bool { return !j.parked.IsZero() && time.Since(j.parked) > maxParked }

func newRunner(s *Sender) *runner {
	return &runner{
		s:       s,
		claims:  newBatch(maxClaim, s.cfg.StoreTimeout),
		settles: newBatch(maxSettle, s.cfg.StoreTimeout),
		// By the rules of the gate neither channel ever blocks its writer.
		jobs:      make(chan job, s.cfg.Workers),
		concluded: make(chan conclusion, 2*s.cfg.Workers),
		wake:      make(chan struct{}, 1),
		roomy:     make(chan struct{}, 1),
		rearm:     make(chan struct{}, 1),
		returned:  make(chan struct{}),
	}
}

// claimAll is the claim loop. It asks as long as there is more, and sleeps until something is known to be due, a
// wake-up comes, or the poll interval is over.
func (r *runner) claimAll(ctx context.Context) {
	trouble := newBackOff()
	for ctx.Err() == nil {
		if wait := r.s.host.wait(time.Now()); wait > 0 {
			r.short.Store(false)
			pause(ctx, wait)
			continue
		}
		r.gatherRoom(ctx)
		r.forget()
		g := r.s.gate.reserve(r.claims.size())
		if g.slots == 0 {
			r.short.Store(false)
			r.sleep(ctx, r.s.cfg.PollInterval)
			continue
		}
		wait, err := r.claim(ctx, &g)
		if err != nil {
			if ctx.Err() == nil {
				r.s.storeFailed(ctx, "claim", err)
				r.short.Store(false)
				pause(ctx, trouble.NextBackOff())
			}
			continue
		}
		r.s.storeWorked(ctx, "claim")
		trouble.Reset()
		short := wait > 0 && !g.partial
		r.short.Store(short)
		if short {
			r.sleep(ctx, wait)
		}
	}
}

// gatherRoom waits while a claim could bring a few deliveries only, though not for long: a round trip costs the same for one
// as for a hundred.
func (r *runner) gatherRoom(ctx context.Context) {
	var patience <-chan time.Time
	for !r.s.gate.roomy() {
		if patience == nil {
			timer := time.NewTimer(company)
			defer timer.Stop()
			patience = timer.C
		}
		select {
		case <-r.roomy:
		case <-patience:
			return
		case <-ctx.Done():
			return
		}
	}
}

// claim asks the store once and hands what it gets to the workers. It returns how long to wait before asking again.
//
// The end of Run does not cut it off: the store might have leased deliveries all the same, and they would stand still until
// the leases nobody knows of had run out.
func (r *runner) claim(ctx context.Context, g *grant) (wait time.Duration, err error) {
	ctx = context.WithoutCancel(ctx)
	began := time.Now()
	until := began.Add(r.s.cfg.Lease)
	claims, err := r.s.store.Claim(ctx, r.s.claimRequest(g))
	r.claims.took(len(claims.Claims), time.Since(began), err)
	r.s.gate.cancel(g.slots - len(claims.Claims))
	if err != nil {
		return 0, err
	}
	r.s.setAside(ctx, claims.Unreadable)
	run, again := r.s.gate.enterDue(claims, until, g)
	r.feed(run) // only this goroutine closes jobs
	if again {
		return 0, nil
	}
	wait = r.s.cfg.PollInterval
	if claims.NextDue > 0 {
		wait = min(wait, claims.NextDue)
	}
	if paced, ok := r.s.gate.paced(); ok {
		wait = min(wait, paced)
	}
	if doubtful, ok := r.s.gate.doubtful(); ok {
		wait = min(wait, doubtful)
	}
	return wait, nil
}

// feed hands jobs to the workers.
func (r *runner) feed(jobs []job) {
	for _, j := range jobs {
		r.jobs <- j
	}
}

// close ends the flow of jobs, once all publishers have handed over what they claimed. What has not begun is released.
func (r *runner) close() {
	r.feeding.Lock()
	r.stopping.Store(true)
	lent := r.lent
	r.feeding.Unlock()
	if lent > 0 {
		<-r.returned
	}
	r.feeding.Lock()
	defer r.feeding.Unlock()
	r.feed(r.s.gate.unpark())
	close(r.jobs)
}

// newBackOff spaces out what fails in the background, for as long as it fails.
func newBackOff() backoff.BackOff {
	return backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(100*time.Millisecond), backoff.WithMaxInterval(5*time.Second), backoff.WithMaxElapsedTime(0))
}

// listen turns the store's own wake-ups into the loop's. They only speed things up: polling is the truth.
func (r *runner) listen(ctx context.Context, w driver.Waiter) {
	trouble := newBackOff()
	for ctx.Err() == nil {
		switch err := w.Wait(ctx); {
		case err == nil:
			r.s.storeWorked(ctx, "wait")
			trouble.Reset()
			r.poke()
		case ctx.Err() == nil:
			r.s.storeFailed(ctx, "wait", err)
			pause(ctx, trouble.NextBackOff())
		}
	}
}
