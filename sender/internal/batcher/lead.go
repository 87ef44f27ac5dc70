package batcher

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"time"
)

// lead makes one call for the caller and all that wait, and hands the lead on.
func (b *Batcher[In, Out]) lead(ctx context.Context, self *caller[In, Out]) (Out, error) {
	defer b.handOver()
	// Those who were answered a moment ago are about to call again. Without this half of them would miss the call:
	// BenchmarkCallers.
	runtime.Gosched()
	batch := b.gather(self)
	if len(batch) > 1 {
		if own := b.writeBatch(ctx, batch); !own.alone {
			return own.out, own.err
		}
	}
	return b.alone(ctx, self.item)
}

// gather takes what waits, as far as it fits one call, behind self.
func (b *Batcher[In, Out]) gather(self *caller[In, Out]) []*caller[In, Out] {
	b.mu.Lock()
	defer b.mu.Unlock()
	most := min(b.cfg.Size.Now()-1, len(b.waiting))
	bytes, n := b.cfg.Bytes(self.item), 0
	for n < most {
		if bytes += b.cfg.Bytes(b.waiting[n].item); bytes > b.cfg.MaxBytes {
			break
		}
		n++
	}
	batch := append([]*caller[In, Out]{self}, b.waiting[:n]...)
	b.waiting = slices.Delete(b.waiting, 0, n)
	return batch
}

// writeBatch makes the call, answers all but the first of it, and returns the answer for that one.
func (b *Batcher[In, Out]) writeBatch(ctx context.Context, batch []*caller[In, Out]) answer[Out] {
	items := make([]In, len(batch))
	for i, c := range batch {
		items[i] = c.item
	}
	answerOf := func(int) answer[Out] { return answer[Out]{alone: true} }
	defer func() { // a panic too
		for i, c := range batch[1:] {
			c.answer <- answerOf(i + 1)
		}
	}()
	began := time.Now()
	results, err := b.cfg.Write(context.WithoutCancel(ctx), items) // the others must not fail because this one gives up
	b.cfg.Size.Learn(len(items), time.Since(began), err)
	switch {
	case err == nil:
		answerOf = func(i int) answer[Out] { return answer[Out]{out: results[i]} }
	case errors.Is(err, context.DeadlineExceeded):
		answerOf = func(int) answer[Out] { return answer[Out]{err: err} }
	}
	return answerOf(0)
}

// alone makes a call for one item.
func (b *Batcher[In, Out]) alone(ctx context.Context, item In) (out Out, err error) {
	results, err := b.cfg.Write(ctx, []In{item})
	if err != nil {
		return out, err
	}
	return results[0], nil
}

// handOver makes the first of those that wait the leader.
func (b *Batcher[In, Out]) handOver() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waiting) == 0 {
		b.leaders--
		return
	}
	b.waiting[0].answer <- answer[Out]{lead: true}
	b.waiting = slices.Delete(b.waiting, 0, 1)
}
