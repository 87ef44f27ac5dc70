package trackertest_test

import (
	"context"
	"sync"
	"time"

	"github.com/kirimhooks/kirimhooks/receiver/tracker"
)

// flawed is a Memory with one fault. Only the faulty methods are set.
type flawed struct {
	*tracker.Memory

	record func(ctx context.Context, statuses []tracker.Status) error
	get    func(ctx context.Context, id string) ([]tracker.Message, error)
	list   func(ctx context.Context, q tracker.Query) ([]tracker.Message, error)
	purge  func(ctx context.Context, t time.Time) (int, error)

	mu   sync.Mutex
	last map[tracker.Key][]tracker.Status // what was recorded, in that order
}

func (f *flawed) Record(ctx context.Context, statuses ...tracker.Status) error {
	f.mu.Lock()
	for _, s := range statuses {
		f.last[s.Key] = append(f.last[s.Key], s)
	}
	f.mu.Unlock()
	if f.record != nil {
		return f.record(ctx, statuses)
	}
	return f.Memory.Record(ctx, statuses...)
}

func (f *flawed) Get(ctx context.Context, id string) ([]tracker.Message, error) {
	if f.get != nil {
		return f.get(ctx, id)
	}
	return f.Memory.Get(ctx, id)
}

func (f *flawed) List(ctx context.Context, q tracker.Query) ([]tracker.Message, error) {
	if f.list != nil {
		return f.list(ctx, q)
	}
	return f.Memory.List(ctx, q)
}

func (f *flawed) Purge(ctx context.Context, t time.Time) (int, error) {
	if f.purge != nil {
		return f.purge(ctx, t)
	}
	return f.Memory.Purge(ctx, t)
}

// newest is the status that was recorded last of those that fit.
func (f *flawed) newest(key tracker.Key, fits func(tracker.Status) bool) (found tracker.Status) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.last[key] {
		if fits(s) {
			found = s
		}
	}
	return found
}
