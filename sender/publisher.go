package sender

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const (
	maxGroup      = 256     // publications of one transaction
	maxGroupBytes = 8 << 20 // and their bodies
	worthwhile    = 16      // publications that have to wait before another transaction is begun beside the first
)

// publisher lets concurrent callers of Publish share a transaction: whoever comes while none is being written leads
// and writes what has gathered by then. A lone caller waits for nobody, but for half a millisecond at most after a crowd has
// gone, and there is no goroutine and no timer. A store whose transactions overlap has several leaders.
type publisher struct {
	s       *Sender
	overlap int // leaders at most
	group   *batch

	mu       sync.Mutex
	waiting  []*publishing
	leaders  int
	regulars regulars
}

func newPublisher(s *Sender) *publisher {
	p := &publisher{s: s, overlap: 1, group: newBatch(maxGroup, s.cfg.StoreTimeout)}
	if o, ok := s.store.store.(driver.Overlapper); ok {
		p.overlap = max(1, o.Overlap())
	}
	return p
}

type publishing struct {
	pub    driver.Publication
	answer chan answer // capacity 1
}

// answer is a result, or what else the caller is to do.
type answer struct {
	enqueued driver.Enqueued
	err      error
	lead     bool // write what has gathered, yourself first
	alone    bool // the group failed: try by yourself, so that one bad publication fails alone
}

func (p *publisher) enqueue(ctx context.Context, pub driver.Publication) (driver.Enqueued, error) {
	if ctx.Err() != nil {
		return driver.Enqueued{}, context.Cause(ctx)
	}
	self := &publishing{pub: pub, answer: make(chan answer, 1)}
	p.mu.Lock()
	lead := p.leaders == 0 || p.leaders < p.overlap && len(p.waiting) >= worthwhile
	if lead {
		p.leaders++
	} else {
		// A caller that gives up may use its buffer again while another is still writing it.
		self.pub.Event.Body = bytes.Clone(pub.Event.Body)
		p.waiting = append(p.waiting, self)
	}
	p.mu.Unlock()
	if !lead {
		select {
		case a := <-self.answer:
			switch {
			case a.alone:
				return p.alone(ctx, pub)
			case !a.lead:
				return a.enqueued, a.err
			}
		case <-ctx.Done():
			p.withdraw(self)
			return driver.Enqueued{}, context.Cause(ctx)
		}
	}
	return p.lead(ctx, self)
}

// lead writes the caller's publication together with all that wait, then hands the lead on.
func (p *publisher) lead(ctx context.Context, self *publishing) (driver.Enqueued, error) {
	p.await()
	group := p.gather(self)
	began := time.Now()
	defer func() { p.handOver(len(group), time.Since(began)) }()
	if len(group) == 1 {
		return p.alone(ctx, self.pub)
	}
	first := p.writeGroup(ctx, group)
	if first.alone {
		return p.alone(ctx, self.pub)
	}
	return first.enqueued, first.err
}

// writeGroup writes a group, answers all but the first of it, and returns the answer for that one.
func (p *publisher) writeGroup(ctx context.Context, group []*publishing) answer {
	pubs := make([]driver.Publication, len(group))
	for i, g := range group {
		pubs[i] = g.pub
	}
	answerTo := func(int) answer { return answer{alone: true} }
	// Deferred, so that a store that panics ends its caller only.
	defer func() {
		for i, g := range group[1:] {
			g.answer <- answerTo(i + 1)
		}
	}()
	began := time.Now()
	// The others must not fail because this caller gave up.
	results, err := p.write(context.WithoutCancel(ctx), pubs)
	p.group.took(len(pubs), time.Since(began), err)
	switch {
	case err == nil:
		answerTo = func(i int) answer { return answer{enqueued: results[i], err: results[i].Err} }
	case errors.Is(err, context.DeadlineExceeded): // a store that hangs would keep everybody as long again
		answerTo = func(int) answer { return answer{err: err} }
	}
	return answerTo(0)
}

func (p *publisher) alone(ctx context.Context, pub driver.Publication) (driver.Enqueued, error) {
	results, err := p.write(ctx, []driver.Publication{pub})
	if err != nil {
		return driver.Enqueued{}, err
	}
	return results[0], results[0].Err
}

// await yields to those who are about to call, lest the first of many writes alone, and to regulars until they are back.
func (p *publisher) await() {
	runtime.Gosched()
	p.mu.Lock()
	var patience time.Duration
	if p.leaders == 1 {
		patience = p.regulars.patience(1 + len(p.waiting))
	}
	p.mu.Unlock()
	if patience == 0 {
		return
	}
	came := false
	began := time.Now()
	for n := 0; n < maxYields && !came && time.Since(began) < patience; n++ {
		runtime.Gosched()
		p.mu.Lock()
		came = 1+len(p.waiting) >= p.regulars.expected
		p.mu.Unlock()
	}
	p.mu.Lock()
	p.regulars.waited(came)
	p.mu.Unlock()
}

// gather takes what waits, as far as it fits one transaction, behind self.
func (p *publisher) gather(self *publishing) []*publishing {
	p.mu.Lock()
	defer p.mu.Unlock()
	group, bytes := []*publishing{self}, len(self.pub.Event.Body)
	n, most := 0, p.group.size()
	for n < len(p.waiting) && len(group) < most {
		if bytes += len(p.waiting[n].pub.Event.Body); bytes > maxGroupBytes {
			break
		}
		group = append(group, p.waiting[n])
		n++
	}
	p.waiting = slices.Delete(p.waiting, 0, n)
	return group
}

// handOver makes the first of those that wait the leader, after a group of so many.
func (p *publisher) handOver(written int, took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.regulars.answered(written+len(p.waiting), took)
	if len(p.waiting) == 0 {
		p.leaders--
		return
	}
	p.waiting[0].answer <- answer{lead: true}
	p.waiting = slices.Delete(p.waiting, 0, 1)
}

// withdraw takes a caller out whose context ended. If it had just been made the leader, the next one is.
func (p *publisher) withdraw(self *publishing) {
	p.mu.Lock()
	i := slices.Index(p.waiting, self)
	if i >= 0 {
		p.waiting = slices.Delete(p.waiting, i, i+1)
	}
	p.mu.Unlock()
	if i >= 0 {
		return
	}
	select {
	case a := <-self.answer:
		if a.lead {
			p.handOver(0, 0)
		}
	default: // being written: the event may be stored or not
	}
}

// write stores publications in one call, and takes their deliveries to this process's own workers where they have
// room and nothing waits before them.
func (p *publisher) write(ctx context.Context, pubs []driver.Publication) ([]driver.Enqueued, error) {
	r := p.s.runner.Load()
	if r == nil {
		results, _, err := p.s.store.Enqueue(ctx, pubs, nil)
		return results, err
	}
	request, done := r.lend(len(pubs))
	until := time.Now().Add(p.s.cfg.Lease)
	var claims []driver.Claim
	defer func() { done(claims, until) }()
	results, claims, err := p.s.store.Enqueue(ctx, pubs, request)
	if err != nil {
		return nil, err
	}
	due := -len(claims)
	for _, e := range results {
		due += e.Deliveries - len(e.Inactive)
	}
	if due > 0 {
		r.poke()
	}
	return results, nil
}

// lend offers free slots to a publisher: a request for its Enqueue, nil if there are none, and a function that must be
// called with what it claimed.
func (r *runner) lend(publications int) (*driver.ClaimRequest, func([]driver.Claim, time.Time)) {
	none := func([]driver.Claim, time.Time) {}
	if !r.short.Load() {
		return nil, none
	}
	r.feeding.Lock()
	defer r.feeding.Unlock()
	if r.stopping.Load() {
		return nil, none
	}
	g := r.s.gate.reserveFresh(4 * publications)
	if g.slots == 0 {
		return nil, none
	}
	r.lent++
	request := r.s.claimRequest(&g)
	return &request, func(claims []driver.Claim, until time.Time) {
		r.feeding.Lock()
		defer r.feeding.Unlock()
		r.s.gate.cancel(g.slots - len(claims))
		r.feed(r.s.gate.enter(claims, until))
		if r.lent--; r.lent == 0 && r.stopping.Load() {
			close(r.returned)
		}
	}
}
