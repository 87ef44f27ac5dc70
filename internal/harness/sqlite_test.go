//go:build unix

package harness_test

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/kirimhooks/kirimhooks/internal/harness"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
)

// sqlite is the host's own database, a file that all workers open.
var sqlite = harness.Backend{Name: "sqlite", Open: openSQLite}

func openSQLite(_ context.Context, file string) (*harness.Opened, error) {
	db, err := sql.Open("sqlite", "file:"+file+
		"?_txlock=immediate&_pragma=busy_timeout(100)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return nil, err
	}
	store, err := sqlitestore.New(db, sqlitestore.Config{})
	if err != nil {
		db.Close()
		return nil, err
	}
	return &harness.Opened{
		Store: store,
		Prepare: func(ctx context.Context) error {
			if err := store.Migrate(ctx); err != nil {
				return err
			}
			_, err := db.ExecContext(ctx, `CREATE TABLE orders (id TEXT PRIMARY KEY)`)
			return err
		},
		Order: func(ctx context.Context, id string, publish func(driver.Enqueuer) error) error {
			tx, err := db.BeginTx(ctx, nil)
			if err != nil {
				return err
			}
			defer tx.Rollback()
			if _, err := tx.ExecContext(ctx, `INSERT INTO orders (id) VALUES (?) ON CONFLICT DO NOTHING`, id); err != nil {
				return err
			}
			if err := publish(store.Tx(tx)); err != nil {
				return err
			}
			return tx.Commit()
		},
		Orders: func(ctx context.Context) ([]string, error) { return orders(ctx, db) },
		Close: func() {
			store.Close()
			db.Close()
		},
	}, nil
}

func orders(ctx context.Context, db *sql.DB) (ids []string, err error) {
	rows, err := db.QueryContext(ctx, `SELECT id FROM orders`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

func sqliteFile(t *testing.T) string { return filepath.Join(t.TempDir(), "app.db") }

// otherWriter is a program that shares the file and keeps everybody waiting, or has the log folded into the file under
// them.
type otherWriter struct{ *sql.DB }

func (w otherWriter) Strike(r *rand.Rand) (fault string, crash bool, err error) {
	if r.IntN(3) == 0 {
		_, err := w.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
		return "checkpoint", false, err
	}
	if _, err := w.Exec("BEGIN IMMEDIATE"); err != nil {
		return "", false, err
	}
	time.Sleep(time.Duration(r.IntN(3000)) * time.Millisecond) // a store call is given up after two seconds
	_, err = w.Exec("ROLLBACK")
	return "locked", false, err
}

func TestSQLite(t *testing.T) {
	t.Parallel()
	file := sqliteFile(t)
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(60000)")
	require.NoError(t, err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	crash(t, harness.Plan{Backend: sqlite, Address: file, Weather: otherWriter{db}})
}

func TestSQLiteUndisturbed(t *testing.T) {
	undisturbed(t, harness.Plan{Backend: sqlite, Address: sqliteFile(t)})
}
