package sqltracker_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/kirimhooks/kirimhooks/internal/mysqltest"
	"github.com/kirimhooks/kirimhooks/internal/pgtest"
	"github.com/kirimhooks/kirimhooks/receiver/tracker/sqltracker"
)

// source is how one database is opened.
type source struct {
	flavor      sqltracker.Flavor
	driver, dsn string
}

// sources make an empty database each, and remove it when t ends.
var sources = map[string]func(t testing.TB) source{
	"sqlite":   sqliteSource,
	"postgres": postgresSource,
	"mysql":    mysqlSource,
}

// unusual are settings that a host may have.
var unusual = map[string]func(t testing.TB) source{
	"mysql with clientFoundRows": func(t testing.TB) source {
		s := mysqlSource(t)
		s.dsn += "?clientFoundRows=true"
		return s
	},
	"mysql with interpolateParams": func(t testing.TB) source {
		s := mysqlSource(t)
		s.dsn += "?interpolateParams=true"
		return s
	},
	"postgres at serializable": func(t testing.TB) source {
		s := postgresSource(t)
		s.dsn += "&default_transaction_isolation=serializable"
		return s
	},
}

func sqliteSource(t testing.TB) source {
	path := filepath.Join(t.TempDir(), "messages.db")
	return source{sqltracker.SQLite, "sqlite", "file:" + path +
		"?_pragma=busy_timeout(100)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"}
}

func postgresSource(t testing.TB) source { return source{sqltracker.Postgres, "pgx", pgtest.Schema(t)} }

func mysqlSource(t testing.TB) source {
	return source{sqltracker.MySQL, "mysql", mysqltest.DSN(t) + mysqltest.Database(t)}
}

// each runs a test for every database.
func each(t *testing.T, test func(t *testing.T, s source)) {
	for name, open := range sources {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// world is a store with a table of its own.
type world struct {
	testing.TB
	*sqltracker.Store
	source
	db *sql.DB
}

func (s source) open(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sql.Open(s.driver, s.dsn)
	require.NoError(t, err)
	db.SetMaxOpenConns(24)
	db.SetMaxIdleConns(24)
	t.Cleanup(func() { db.Close() })
	return db
}

func (s source) world(t testing.TB) *world {
	t.Helper()
	w := &world{TB: t, source: s, db: s.open(t)}
	var err error
	w.Store, err = sqltracker.New(w.db, s.flavor, sqltracker.Config{})
	require.NoError(t, err)
	require.NoError(t, w.Migrate(t.Context()))
	return w
}

func (w *world) exec(text string) {
	w.Helper()
	_, err := w.db.ExecContext(context.Background(), text)
	require.NoError(w, err)
}

// emptied forgets what the case before has recorded.
func (w *world) emptied() *world {
	w.exec("delete from kirimhooks_messages")
	return w
}
