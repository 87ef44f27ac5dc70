package migrate_test

import (
	"os"
	"testing"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/pgstore"
)

// goose applies the files that the host has, each in a transaction.
func (h *host) goose() ([]*goose.MigrationResult, error) {
	h.Helper()
	db := stdlib.OpenDBFromPool(h.pool)
	defer db.Close()
	versions, err := database.NewStore(database.DialectPostgres, h.schema+"_host.goose_db_version")
	require.NoError(h, err)
	p, err := goose.NewProvider("", db, os.DirFS(h.files), goose.WithStore(versions))
	require.NoError(h, err)
	return p.Up(h.Context())
}

// Each release brings the host one file more.
func TestGooseStepByStep(t *testing.T) {
	h := newHost(t)
	for v := 1; v <= pgstore.SchemaVersion; v++ {
		h.file(v)
		done, err := h.goose()
		require.NoError(t, err)
		require.Len(t, done, 1)
		require.Equal(t, v, h.version())
	}
	h.serves()
}

// A new database of the host gets all of its files at once.
func TestGooseAtOnce(t *testing.T) {
	h := newHost(t)
	for v := 1; v <= pgstore.SchemaVersion; v++ {
		h.file(v)
	}
	done, err := h.goose()
	require.NoError(t, err)
	require.Len(t, done, pgstore.SchemaVersion)
	h.serves()
}

// What fails halfway leaves nothing behind: the file has no transaction control that would end goose's own.
func TestGooseUndoesAFailedFile(t *testing.T) {
	h := newHost(t)
	f, err := os.OpenFile(h.file(1), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteString("select 1/0;\n")
	require.NoError(t, err)
	require.NoError(t, f.Close())
	_, err = h.goose()
	require.ErrorContains(t, err, "division by zero")
	var there bool
	require.NoError(t, h.pool.QueryRow(t.Context(), "select to_regnamespace($1) is not null", h.schema).Scan(&there))
	require.False(t, there)
}
