package dedupetest

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/dedupe"
)

const claimers = 64

// race lets claimers tokens claim the key at once and returns how many were given it.
func (p *probe) race(also ...func()) int {
	var won atomic.Int64
	var wg sync.WaitGroup
	start := make(chan struct{})
	for range claimers {
		wg.Go(func() {
			<-start
			ctx, cancel := bounded()
			defer cancel()
			state, _, err := p.store.Claim(ctx, p.key, newToken(), long)
			assert.NoError(p, err, "Claim")
			if err == nil && state == dedupe.Claimed {
				won.Add(1)
			}
		})
	}
	for _, f := range also {
		wg.Go(func() { <-start; f() })
	}
	close(start)
	wg.Wait()
	return int(won.Load())
}

func claimIsExclusive(p *probe) {
	require.Equal(p, 1, p.race(), "claimers that were given a free key")
	p.expect(dedupe.Running, p.key, newToken(), long)
}

func claimIsExclusiveAfterTheLease(p *probe) {
	p.expect(dedupe.Claimed, p.key, newToken(), p.lease)
	p.lapse()
	require.Equal(p, 1, p.race(), "claimers that were given a key whose lease had run out")
}

func holdersNeverOverlap(p *probe) {
	var holders, overlaps, runs atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				token := newToken()
				ctx, cancel := bounded()
				state, _, err := p.store.Claim(ctx, p.key, token, long)
				assert.NoError(p, err, "Claim")
				if err == nil && state == dedupe.Claimed {
					runs.Add(1)
					if holders.Add(1) > 1 {
						overlaps.Add(1)
					}
					runtime.Gosched()
					holders.Add(-1)
					assert.NoError(p, p.store.Release(ctx, p.key, token), "Release")
				}
				cancel()
			}
		})
	}
	wg.Wait()
	require.Zero(p, overlaps.Load(), "claims given while another held the key")
	require.Positive(p, runs.Load(), "claims given")
	p.expect(dedupe.Claimed, p.key, newToken(), long)
}

func leaseEnds(p *probe) {
	p.expect(dedupe.Claimed, p.key, newToken(), p.lease)
	p.expect(dedupe.Running, p.key, newToken(), p.lease)
	p.lapse()
	p.expect(dedupe.Claimed, p.key, newToken(), long)
}

func leftIsTrue(p *probe) {
	token := newToken()
	state, left := p.claim(p.key, token, time.Minute)
	require.Equal(p, dedupe.Claimed, state)
	require.Zero(p, left, "left of a claim that was given")
	check := func(want time.Duration) {
		p.Helper()
		state, left := p.claim(p.key, newToken(), long)
		require.Equal(p, dedupe.Running, state)
		require.LessOrEqual(p, left, want+time.Second, "left")
		require.Greater(p, left, want-15*time.Second, "left")
	}
	check(time.Minute)
	if p.advance != nil {
		p.advance(20 * time.Second)
		check(40 * time.Second)
	}
	require.NoError(p, p.commit(p.key, token, long))
	state, left = p.claim(p.key, newToken(), long)
	require.Equal(p, dedupe.Done, state)
	require.Zero(p, left, "left of a done key")
}

func renewalStartsTheLeaseAnew(p *probe) {
	token := newToken()
	p.expect(dedupe.Claimed, p.key, token, p.lease)
	p.expect(dedupe.Claimed, p.key, token, long)
	p.lapse()
	p.expect(dedupe.Running, p.key, newToken(), long)
	require.NoError(p, p.commit(p.key, token, long))
}

func renewalAfterLossIsRefused(p *probe) {
	stale, holder := newToken(), newToken()
	p.expect(dedupe.Claimed, p.key, stale, p.lease)
	p.lapse()
	p.expect(dedupe.Claimed, p.key, holder, long)
	p.expect(dedupe.Running, p.key, stale, long)
	require.NoError(p, p.commit(p.key, holder, long))
	p.expect(dedupe.Done, p.key, stale, long)
}
