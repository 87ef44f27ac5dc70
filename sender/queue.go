package sender

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// maxParked is how long a claim may wait for another of its lane.
const maxParked = 2 * time.Second

// job is a claim on its way to a worker. It is the limiter's item.
type job struct {
	*claim
	until time.Time // it is ours for certain until then
	came  time.Time // when the store had answered
}

// newJobs makes jobs of what the store has leased.
func newJobs(claims []driver.Claim, until time.Time) []job {
	jobs, now := make([]job, len(claims)), time.Now()
	for i := range claims {
		jobs[i] = job{claim: (*claim)(&claims[i]), until: until, came: now}
	}
	return jobs
}

// Lane is the id of the subscription.
func (j job) Lane() string { return j.Delivery.SubscriptionID }

// Rate is the subscription's own.
func (j job) Rate() float64 {
	if j.Subscription == nil {
		return 0
	}
	return j.Subscription.Rate
}

// stale reports a job that has waited for so long that its subscription may have been paused or changed since.
func (j job) stale() bool { return time.Since(j.came) > maxParked }

// queue takes jobs to the workers: from the claim loop, from publishers, and from workers that make way for one. It
// has its own fields and lock. Under that lock it calls the limiter, which has one too. No other two are taken at
// once.
type queue struct {
	jobs     chan job    // as many as there are slots fit, so that nobody waits
	stopping atomic.Bool // written under mu

	mu         sync.Mutex
	publishers int           // that may still add
	left       chan struct{} // closed when there are none, once stopping
}

func newQueue(slots int) *queue {
	return &queue{jobs: make(chan job, slots), left: make(chan struct{})}
}

// add sends the jobs that start returns. It calls start under the lock: what has left the limiter is in the queue
// before close empties both.
func (q *queue) add(start func() []job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, j := range start() {
		q.jobs <- j
	}
}

// join lets a publisher add jobs until it leaves; false once the queue is stopping.
func (q *queue) join() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stopping.Load() {
		return false
	}
	q.publishers++
	return true
}

func (q *queue) leave() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.publishers--; q.publishers == 0 && q.stopping.Load() {
		close(q.left)
	}
}

// close ends the flow of jobs, once the publishers have left and the claim loop has ended. What is parked is sent too:
// the workers give back what has not begun.
func (q *queue) close(parked func() []job) {
	q.mu.Lock()
	q.stopping.Store(true)
	publishers := q.publishers
	q.mu.Unlock()
	if publishers > 0 {
		<-q.left
	}
	q.add(parked)
	close(q.jobs)
}
