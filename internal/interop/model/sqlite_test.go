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
// is not idle, and time stands still meanwhile. It polls the file for the news of other processes less often than a
// program lasts, since there are none.
func TestSQLite(t *testing.T) {
	cfg := sqlitestore.Config{MayLoseCommits: true, PollInterval: 1000 * time.Hour}
	model.Check(t, model.Harness{CancelsLate: true, Budget: 20 * time.Second, Open: func(t *testing.T) sender.Store {
		s, err := sqlitestore.Open(t.Context(), filepath.Join(t.TempDir(), "model.db"), cfg)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		return s
	}})
}
