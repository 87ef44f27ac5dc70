package model_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/interop/model"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
)

// The SQLite store runs in this process and lives by its clock, so that it fits into a bubble: what waits for the disk
// is not idle, and time stands still meanwhile. A Sender over it would ask the file for months of news.
func TestSQLite(t *testing.T) {
	model.CheckStore(t, model.Harness{CancelsLate: true, Budget: 20 * time.Second, Open: func(t *testing.T) sender.Store {
		s, err := sqlitestore.Open(t.Context(), filepath.Join(t.TempDir(), "model.db"), sqlitestore.Config{MayLoseCommits: true})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		return s
	}})
}
