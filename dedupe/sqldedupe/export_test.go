package sqldedupe

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Plant puts a fault into the statements of s: pairs of what stands there and what shall.
func Plant(t *testing.T, s *Store, edits ...string) {
	t.Helper()
	texts := map[**statement]string{
		&s.insert: insertText, &s.take: takeText, &s.commit: commitText, &s.release: releaseText, &s.look: lookText,
	}
	changed := false
	for at, text := range texts {
		faulty := strings.NewReplacer(edits...).Replace(text)
		changed = changed || faulty != text
		*at = s.flavor.words().statement(s.db, s.table, faulty)
	}
	require.True(t, changed, "the statements have none of %q", edits)
}
