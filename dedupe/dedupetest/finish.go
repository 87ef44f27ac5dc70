package dedupetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/dedupe"
)

func commitIsSeenByAll(p *probe) {
	token := newToken()
	p.expect(dedupe.Claimed, p.key, token, p.lease)
	require.NoError(p, p.commit(p.key, token, long))
	p.expect(dedupe.Done, p.key, newToken(), long)
	p.expect(dedupe.Done, p.key, token, long)
	p.lapse() // the lease has no say any more
	p.expect(dedupe.Done, p.key, newToken(), long)
	require.Zero(p, p.race(), "claimers that were given a done key")
}

func commitLastsItsTTL(p *probe) {
	const ttl = 48 * time.Hour
	token := newToken()
	p.expect(dedupe.Claimed, p.key, token, p.lease)
	require.NoError(p, p.commit(p.key, token, ttl))
	p.expect(dedupe.Done, p.key, newToken(), long)
	if p.advance == nil {
		p.Logf("not run: that a key is done for %v; set Subject.Advance", ttl)
		return
	}
	p.advance(ttl - time.Minute)
	p.expect(dedupe.Done, p.key, newToken(), long)
}

// A store that keeps what is done for ever is full one day.
func doneKeysAreFreeAfterTheirTTL(p *probe) {
	token, next := newToken(), newToken()
	p.expect(dedupe.Claimed, p.key, token, long)
	require.NoError(p, p.commit(p.key, token, p.lease))
	p.lapse()
	p.expect(dedupe.Claimed, p.key, next, long)
	require.ErrorIs(p, p.commit(p.key, token, long), dedupe.ErrLeaseLost, "the key has passed to another")
	require.NoError(p, p.commit(p.key, next, long))
}

func commitByAStaleTokenIsRefused(p *probe) {
	stale, holder := newToken(), newToken()
	p.expect(dedupe.Claimed, p.key, stale, p.lease)
	p.lapse()
	p.expect(dedupe.Claimed, p.key, holder, long)
	require.ErrorIs(p, p.commit(p.key, stale, long), dedupe.ErrLeaseLost, "while another holds the key")
	p.expect(dedupe.Running, p.key, newToken(), long)
	require.NoError(p, p.commit(p.key, holder, long))
	require.ErrorIs(p, p.commit(p.key, stale, long), dedupe.ErrLeaseLost, "after another has committed")
}

func commitAfterTheLeaseCounts(p *probe) {
	token := newToken()
	p.expect(dedupe.Claimed, p.key, token, p.lease)
	p.lapse()
	require.NoError(p, p.commit(p.key, token, long), "nobody has taken the key")
	p.expect(dedupe.Done, p.key, newToken(), long)
}

func commitMayBeRepeated(p *probe) {
	token := newToken()
	p.expect(dedupe.Claimed, p.key, token, p.lease)
	require.NoError(p, p.commit(p.key, token, long))
	require.NoError(p, p.commit(p.key, token, long), "its first answer may have been lost")
	require.ErrorIs(p, p.commit(p.key, newToken(), long), dedupe.ErrLeaseLost)
	p.expect(dedupe.Done, p.key, newToken(), long)
}

func commitAndClaimAreAtomic(p *probe) {
	for range 10 {
		p.key = newKey()
		token := newToken()
		p.expect(dedupe.Claimed, p.key, token, p.lease)
		p.lapse()
		var err error
		won := p.race(func() { err = p.commit(p.key, token, long) })
		if err == nil {
			require.Zero(p, won, "claimers that were given a key while it was committed")
			p.expect(dedupe.Done, p.key, newToken(), long)
			continue
		}
		require.ErrorIs(p, err, dedupe.ErrLeaseLost)
		require.Equal(p, 1, won, "claimers that were given the key before a commit that was refused")
		p.expect(dedupe.Running, p.key, newToken(), long)
	}
}

func releaseFrees(p *probe) {
	token := newToken()
	p.expect(dedupe.Claimed, p.key, token, long)
	p.release(p.key, token)
	p.expect(dedupe.Claimed, p.key, newToken(), long)
}

func releaseByAnotherChangesNothing(p *probe) {
	stale, holder := newToken(), newToken()
	p.expect(dedupe.Claimed, p.key, stale, p.lease)
	p.lapse()
	p.expect(dedupe.Claimed, p.key, holder, long)
	p.release(p.key, stale)
	p.release(p.key, newToken())
	p.expect(dedupe.Running, p.key, newToken(), long)
	require.NoError(p, p.commit(p.key, holder, long))
}

func releaseAfterCommitChangesNothing(p *probe) {
	token := newToken()
	p.expect(dedupe.Claimed, p.key, token, long)
	require.NoError(p, p.commit(p.key, token, long))
	p.release(p.key, token)
	p.release(p.key, newToken())
	p.expect(dedupe.Done, p.key, newToken(), long)
}

func releaseOfAFreeKeyIsFine(p *probe) {
	p.release(p.key, newToken())
	p.expect(dedupe.Claimed, p.key, newToken(), long)
}
