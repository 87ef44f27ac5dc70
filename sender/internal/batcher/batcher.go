// Package batcher lets concurrent callers share one call of what costs about the same for one item as for many: a
// transaction.
//
// Whoever comes while no call is under way makes one. Who comes meanwhile waits for it, and the first of those makes
// the next call, for all of them. So a lone caller waits for nobody, and a crowd shares by itself. There is neither a
// goroutine nor a timer.
//
//   - A caller whose context ends leaves. If its item is being written by then, it may be written or not.
//   - A call that fails is made again for each of its items alone: a bad item fails alone.
//   - A call that runs into its deadline answers all of its callers with that. Alone, each would wait as long again.
//   - A call that panics ends the caller on whose goroutine it does. The others try alone.
package batcher

import (
	"context"
	"slices"
	"sync"
)

// overlapFrom is how many callers have to wait before another call is begun beside one that is under way.
const overlapFrom = 16

// Config says what a [Batcher] calls, and within which limits. Every field but Overlap is required.
type Config[In, Out any] struct {
	// Write is the call that is shared. It returns one result for each item, in their order, or an error.
	Write func(ctx context.Context, items []In) ([]Out, error)
	// Own copies an item that has to wait: a caller that gives up may change its own while another writes the copy.
	Own func(In) In
	// Bytes is how large an item is.
	Bytes func(In) int
	// MaxBytes bounds the items of a call. One that is larger goes alone.
	MaxBytes int
	// Size bounds them too, by number, and learns how long calls take.
	Size *Size
	// Overlap is how many calls may be under way at once. Defaults to 1.
	Overlap int
}

// Batcher shares calls between the callers of Do. Make one with [New].
type Batcher[In, Out any] struct {
	cfg Config[In, Out]

	mu      sync.Mutex
	waiting []*caller[In, Out]
	leaders int // callers that make a call, or are about to
}

type caller[In, Out any] struct {
	item   In
	answer chan answer[Out] // capacity 1
}

// answer is what a caller that waits is told: a result, or what to do.
type answer[Out any] struct {
	out   Out
	err   error
	lead  bool // make the next call
	alone bool // the call failed: try by yourself
}

// New makes a Batcher.
func New[In, Out any](cfg Config[In, Out]) *Batcher[In, Out] {
	cfg.Overlap = max(1, cfg.Overlap)
	return &Batcher[In, Out]{cfg: cfg}
}

// Do writes an item, in a call of its own or in one with others, and returns its result. The error is that of Write,
// or the cause of ctx's end. It may be called concurrently.
func (b *Batcher[In, Out]) Do(ctx context.Context, item In) (out Out, err error) {
	if ctx.Err() != nil {
		return out, context.Cause(ctx)
	}
	self, lead := b.join(item)
	if lead {
		return b.lead(ctx, self)
	}
	select {
	case a := <-self.answer:
		switch {
		case a.lead:
			return b.lead(ctx, self)
		case a.alone:
			return b.alone(ctx, item)
		}
		return a.out, a.err
	case <-ctx.Done():
		b.withdraw(self)
		return out, context.Cause(ctx)
	}
}

// join makes a caller a leader, or lets it wait.
func (b *Batcher[In, Out]) join(item In) (self *caller[In, Out], lead bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.leaders == 0 || b.leaders < b.cfg.Overlap && len(b.waiting) >= overlapFrom {
		b.leaders++
		return &caller[In, Out]{item: item}, true
	}
	self = &caller[In, Out]{item: b.cfg.Own(item), answer: make(chan answer[Out], 1)}
	b.waiting = append(b.waiting, self)
	return self, false
}

// withdraw takes a caller out whose context ended. If it had just been made the leader, the next one is.
func (b *Batcher[In, Out]) withdraw(self *caller[In, Out]) {
	b.mu.Lock()
	i := slices.Index(b.waiting, self)
	if i >= 0 {
		b.waiting = slices.Delete(b.waiting, i, i+1)
	}
	b.mu.Unlock()
	if i >= 0 {
		return
	}
	select {
	case a := <-self.answer:
		if a.lead {
			b.handOver()
		}
	default: // its item is being written
	}
}
