package dedupetest

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/dedupe"
)

// probe asks a store and fails the case where the answer is an error that was not expected.
type probe struct {
	T
	store   dedupe.Store
	advance func(time.Duration)
	key     string
	lease   time.Duration // one that lapse waits for
}

// long is a lease that does not end within a case unless the clock is moved.
const long = time.Hour

func newProbe(t T, s Subject) *probe {
	p := &probe{T: t, store: s.Store, advance: s.Advance, key: newKey(), lease: 30 * time.Second}
	if p.advance == nil {
		p.lease = 300 * time.Millisecond
	}
	return p
}

func newKey() string   { return "dedupetest:" + rand.Text() }
func newToken() string { return rand.Text() }

func bounded() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), 10*time.Second)
}

func (p *probe) claim(key, token string, lease time.Duration) (dedupe.State, time.Duration) {
	p.Helper()
	ctx, cancel := bounded()
	defer cancel()
	state, left, err := p.store.Claim(ctx, key, token, lease)
	require.NoError(p, err, "Claim")
	return state, left
}

// expect claims and demands a state.
func (p *probe) expect(want dedupe.State, key, token string, lease time.Duration) {
	p.Helper()
	state, _ := p.claim(key, token, lease)
	require.Equal(p, want, state, "Claim answers %v, not %v", state, want)
}

func (p *probe) commit(key, token string, ttl time.Duration) error {
	ctx, cancel := bounded()
	defer cancel()
	return p.store.Commit(ctx, key, token, ttl)
}

func (p *probe) release(key, token string) {
	p.Helper()
	ctx, cancel := bounded()
	defer cancel()
	require.NoError(p, p.store.Release(ctx, key, token), "Release")
}

// lapse returns when every lease of p.lease that began before it has run out. In real time it claims a witness and asks
// until the store gives that to another: the witness began last, so it ends last.
func (p *probe) lapse() {
	p.Helper()
	if p.advance != nil {
		p.advance(p.lease + time.Second)
		return
	}
	witness := newKey()
	p.expect(dedupe.Claimed, witness, newToken(), p.lease)
	for limit := time.Now().Add(p.lease + 10*time.Second); time.Now().Before(limit); time.Sleep(10 * time.Millisecond) {
		if state, _ := p.claim(witness, newToken(), p.lease); state == dedupe.Claimed {
			return
		}
	}
	require.FailNow(p, "a lease has not ended", "asked for 10 s longer than %v", p.lease)
}
