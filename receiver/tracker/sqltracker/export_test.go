package sqltracker

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver/tracker"
)

// Plant puts a fault into the statements of s: pairs of what stands there and what shall, which the database can read.
func Plant(t *testing.T, s *Store, edits ...string) {
	t.Helper()
	changed := false
	for text, at := range s.statements() {
		faulty := strings.NewReplacer(edits...).Replace(text)
		changed = changed || faulty != text
		*at = s.flavor.words().statement(s.db, s.table, faulty)
		readable, err := s.db.PrepareContext(t.Context(), (*at).text)
		require.NoError(t, err)
		require.NoError(t, readable.Close())
	}
	require.True(t, changed, "the statements have none of %q", edits)
}

// Asked is a statement as the database gets it.
type Asked struct {
	Text string
	Args []any
}

// GetStatement is what [Store.Get] asks.
func GetStatement(s *Store, id string) Asked { return Asked{s.get.text, []any{id, id, id}} }

// ListStatement is what [Store.List] asks for a page.
func ListStatement(s *Store, q tracker.Query) Asked { return Asked{s.list.text, s.listArgs(q)} }

// OldStatement is how [Store.Purge] finds rows.
func OldStatement(s *Store, step tracker.Step, before time.Time) Asked {
	return Asked{s.old.text, []any{string(step), before.UnixMicro(), purgeRows}}
}
