package sqlinbox_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/kirimhooks/kirimhooks/internal/mysqltest"
	"github.com/kirimhooks/kirimhooks/internal/pgtest"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

// source is how one database is opened, by another process too.
type source struct {
	flavor      sqlinbox.Flavor
	driver, dsn string
}

// sources make an empty database each, and remove it when t ends.
var sources = map[string]func(t testing.TB) source{
	"sqlite":   sqliteSource,
	"postgres": postgresSource,
	"mysql":    mysqlSource,
}

func sqliteSource(t testing.TB) source { return sqliteIn(t.TempDir()) }

func sqliteIn(dir string) source {
	return source{sqlinbox.SQLite, "sqlite", "file:" + filepath.Join(dir, "inbox.db") +
		"?_pragma=busy_timeout(100)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"}
}

func postgresSource(t testing.TB) source { return source{sqlinbox.Postgres, "pgx", pgtest.Schema(t)} }

func mysqlSource(t testing.TB) source {
	return source{sqlinbox.MySQL, "mysql", mysqltest.DSN(t) + mysqltest.Database(t)}
}

// open connects to s until t ends.
func (s source) open(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sql.Open(s.driver, s.dsn)
	require.NoError(t, err)
	db.SetMaxOpenConns(24)
	db.SetMaxIdleConns(24)
	t.Cleanup(func() { db.Close() })
	return db
}
