package dedupetest_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/kirimhooks/kirimhooks/dedupe"
)

// flawed is a Memory with one fault. Only the faulty methods are set. The books are what a fault needs to know.
type flawed struct {
	*dedupe.Memory
	claim   func(ctx context.Context, key, token string, lease time.Duration) (dedupe.State, time.Duration, error)
	commit  func(ctx context.Context, key, token string, ttl time.Duration) error
	release func(ctx context.Context, key, token string) error

	mu    sync.Mutex
	books map[string]string
	calls int
}

func (f *flawed) Claim(
	ctx context.Context, key, token string, lease time.Duration,
) (dedupe.State, time.Duration, error) {
	if f.claim != nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.claim(ctx, key, token, lease)
	}
	return f.Memory.Claim(ctx, key, token, lease)
}

func (f *flawed) Commit(ctx context.Context, key, token string, ttl time.Duration) error {
	if f.commit != nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.commit(ctx, key, token, ttl)
	}
	return f.Memory.Commit(ctx, key, token, ttl)
}

func (f *flawed) Release(ctx context.Context, key, token string) error {
	if f.release != nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.release(ctx, key, token)
	}
	return f.Memory.Release(ctx, key, token)
}

var errLost = fmt.Errorf("flawed: %w", dedupe.ErrLeaseLost)
