package redisdedupe

import (
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// Plant puts a fault into the scripts until t ends: pairs of what stands there and what shall.
func Plant(t *testing.T, edits ...string) {
	t.Helper()
	texts := []string{claimText, commitText, releaseText}
	changed := false
	for i, script := range []**redis.Script{&claimScript, &commitScript, &releaseScript} {
		faulty := strings.NewReplacer(edits...).Replace(texts[i])
		changed = changed || faulty != texts[i]
		sound := *script
		*script = redis.NewScript(faulty)
		t.Cleanup(func() { *script = sound })
	}
	require.True(t, changed, "the scripts have none of %q", edits)
}
