package dedupetest

import (
	"context"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/dedupe"
)

func endedContextChangesNothing(p *probe) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	token := newToken()
	_, _, err := p.store.Claim(ctx, p.key, newToken(), long)
	require.Error(p, err, "Claim")
	p.expect(dedupe.Claimed, p.key, token, long)
	require.Error(p, p.store.Release(ctx, p.key, token), "Release")
	p.expect(dedupe.Running, p.key, newToken(), long)
	require.Error(p, p.store.Commit(ctx, p.key, token, long), "Commit")
	p.expect(dedupe.Running, p.key, newToken(), long)
	require.NoError(p, p.commit(p.key, token, long))
}

// keysAreIndependent claims keys that a careless store takes for one.
func keysAreIndependent(p *probe) {
	base := newKey()
	fill := func(n int) string { return base + strings.Repeat("k", n-len(base)) }
	keys := []string{
		base, strings.ToLower(base), strings.ToUpper(base),
		base + " ", " " + base, base + "  ",
		base + "%", base + "_", base + "*", base + "?", base + "[a]", base + "a",
		base + ":", base + "#", base + "/", base + `\`, base + `\\`, base + "'", base + `"`, base + "''",
		base + "{1}", base + "{1}x", base + "$1", base + "~",
		fill(255), fill(256), fill(330), fill(331), fill(330) + "x",
	}
	tokens := make([]string, len(keys))
	for i, key := range keys {
		tokens[i] = newToken()
		state, _ := p.claim(key, tokens[i], long)
		require.Equal(p, dedupe.Claimed, state, "key %q", key)
	}
	for i, key := range keys {
		if i%3 == 0 {
			p.release(key, tokens[i])
		} else if i%3 == 1 {
			require.NoError(p, p.commit(key, tokens[i], long), "key %q", key)
		}
	}
	for i, key := range keys {
		state, _ := p.claim(key, newToken(), long)
		require.Equal(p, []dedupe.State{dedupe.Claimed, dedupe.Done, dedupe.Running}[i%3], state, "key %q", key)
	}
}
