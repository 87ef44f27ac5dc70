package dedupetest_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/kirimhooks/kirimhooks/dedupe"
	"github.com/kirimhooks/kirimhooks/dedupe/dedupetest"
)

// plain is a store written from the comments of dedupe.Store alone: as small as one can be, and it never forgets a key.
type plain struct {
	mu   sync.Mutex
	now  time.Duration
	keys map[string]record
}

type record struct {
	token string
	done  bool
	ends  time.Duration
}

// look returns the live record of key.
func (p *plain) look(key string) (record, bool) {
	r, ok := p.keys[key]
	return r, ok && r.ends > p.now
}

func (p *plain) Claim(
	ctx context.Context, key, token string, lease time.Duration,
) (dedupe.State, time.Duration, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if ctx.Err() != nil {
		return 0, 0, ctx.Err()
	}
	switch r, held := p.look(key); {
	case held && r.done:
		return dedupe.Done, 0, nil
	case held && r.token != token:
		return dedupe.Running, r.ends - p.now, nil
	}
	p.keys[key] = record{token, false, p.now + lease}
	return dedupe.Claimed, 0, nil
}

func (p *plain) Commit(ctx context.Context, key, token string, ttl time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if r, held := p.look(key); held && r.token != token {
		return dedupe.ErrLeaseLost
	}
	p.keys[key] = record{token, true, p.now + ttl}
	return nil
}

func (p *plain) Release(ctx context.Context, key, token string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if r, held := p.look(key); held && !r.done && r.token == token {
		delete(p.keys, key)
	}
	return nil
}

func TestRun(t *testing.T) {
	dedupetest.Run(t, func(t *testing.T) dedupetest.Subject {
		p := &plain{keys: map[string]record{}}
		return dedupetest.Subject{Store: p, Advance: func(d time.Duration) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.now += d
		}}
	})
}
