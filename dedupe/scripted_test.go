package dedupe_test

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kirimhooks/kirimhooks/dedupe"
)

type (
	claimFunc   = func(ctx context.Context, key, token string, lease time.Duration) (dedupe.State, time.Duration, error)
	commitFunc  = func(ctx context.Context, key, token string, ttl time.Duration) error
	releaseFunc = func(ctx context.Context, key, token string) error
)

// scripted is a Memory whose methods a test may replace at any time.
type scripted struct {
	claims, commits, releases atomic.Int64

	mu      sync.Mutex
	next    *dedupe.Memory
	claim   claimFunc
	commit  commitFunc
	release releaseFunc
}

func newScripted() *scripted {
	s := new(scripted)
	s.forget()
	return s
}

// forget makes it an empty Memory again.
func (s *scripted) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = dedupe.NewMemory(0)
	s.claim, s.commit, s.release = s.next.Claim, s.next.Commit, s.next.Release
}

func (s *scripted) onClaim(f claimFunc)     { s.mu.Lock(); defer s.mu.Unlock(); s.claim = f }
func (s *scripted) onCommit(f commitFunc)   { s.mu.Lock(); defer s.mu.Unlock(); s.commit = f }
func (s *scripted) onRelease(f releaseFunc) { s.mu.Lock(); defer s.mu.Unlock(); s.release = f }

func (s *scripted) script() (claimFunc, commitFunc, releaseFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.claim, s.commit, s.release
}

func (s *scripted) Claim(
	ctx context.Context, key, token string, lease time.Duration,
) (dedupe.State, time.Duration, error) {
	s.claims.Add(1)
	claim, _, _ := s.script()
	return claim(ctx, key, token, lease)
}

func (s *scripted) Commit(ctx context.Context, key, token string, ttl time.Duration) error {
	s.commits.Add(1)
	_, commit, _ := s.script()
	return commit(ctx, key, token, ttl)
}

func (s *scripted) Release(ctx context.Context, key, token string) error {
	s.releases.Add(1)
	_, _, release := s.script()
	return release(ctx, key, token)
}
