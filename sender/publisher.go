package sender

import (
	"bytes"
	"context"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/internal/batcher"
)

const (
	maxPublications = 256     // of one transaction
	maxBodies       = 8 << 20 // bytes of their bodies
)

// newPublisher makes what lets concurrent callers of Publish share a transaction. It runs on their goroutines. Of a
// Run it reads caughtUp, adds to the queue, and rings the alarm.
func newPublisher(s *Sender) *batcher.Batcher[driver.Publication, driver.Enqueued] {
	overlap := 1
	if o, ok := s.store.store.(driver.Overlapper); ok {
		overlap = o.Overlap()
	}
	return batcher.New(batcher.Config[driver.Publication, driver.Enqueued]{
		Write: s.enqueue,
		Own: func(pub driver.Publication) driver.Publication {
			pub.Event.Body = bytes.Clone(pub.Event.Body)
			return pub
		},
		Bytes:    func(pub driver.Publication) int { return len(pub.Event.Body) },
		MaxBytes: maxBodies,
		Size:     batcher.NewSize(maxPublications, slow(s.cfg.StoreTimeout)),
		Overlap:  overlap,
	})
}

// slow is how long a call of the store may take before the next one is given fewer rows. What waits behind it is then
// written well within the deadline of its own.
func slow(storeTimeout time.Duration) time.Duration { return storeTimeout / 4 }

// enqueue writes publications in one call, and takes their deliveries to this process's own workers where slots are
// free and nothing waits before them.
func (s *Sender) enqueue(ctx context.Context, pubs []driver.Publication) ([]driver.Enqueued, error) {
	r := s.runner.Load()
	if r == nil {
		results, _, err := s.store.Enqueue(ctx, pubs, nil)
		return results, err
	}
	request, done := s.lend(r, len(pubs))
	until := time.Now().Add(s.cfg.Lease)
	var claims []driver.Claim
	defer func() { done(claims, until) }()
	results, claims, err := s.store.Enqueue(ctx, pubs, request)
	if err != nil {
		return nil, err
	}
	due := -len(claims)
	for _, e := range results {
		due += e.Deliveries - len(e.Inactive)
	}
	if due > 0 {
		r.alarm.ring()
	}
	return results, nil
}

// lend offers free slots to a publisher: a request for its Enqueue, nil if there are none. The function that it
// returns must be called with what was claimed.
func (s *Sender) lend(r *runner, publications int) (*driver.ClaimRequest, func([]driver.Claim, time.Time)) {
	none := func([]driver.Claim, time.Time) {}
	if !r.claimer.caughtUp.Load() || !r.queue.join() {
		return nil, none
	}
	g := s.limiter.ReserveFresh(4 * publications)
	if g.Slots == 0 {
		r.queue.leave()
		return nil, none
	}
	request := s.claimRequest(&g)
	return &request, func(claims []driver.Claim, until time.Time) {
		r.queue.add(func() []job { return s.limiter.StartFresh(g, newJobs(claims, until)) })
		r.queue.leave()
	}
}
