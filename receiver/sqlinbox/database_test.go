package sqlinbox_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"path/filepath"
	"strings"
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

func sqliteSource(t testing.TB) source {
	path := filepath.Join(t.TempDir(), "inbox.db")
	return source{sqlinbox.SQLite, "sqlite",
		"file:" + path + "?_pragma=busy_timeout(100)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"}
}

func postgresSource(t testing.TB) source {
	dsn, schema := pgtest.DSN(t), name()
	admin(t, "pgx", dsn, "create schema "+schema, "drop schema "+schema+" cascade")
	return source{sqlinbox.Postgres, "pgx", dsn + "&search_path=" + schema}
}

func mysqlSource(t testing.TB) source {
	dsn, database := mysqltest.DSN(t), name()
	admin(t, "mysql", dsn, "create database "+database, "drop database "+database)
	return source{sqlinbox.MySQL, "mysql", dsn + database}
}

func name() string { return "kh_" + strings.ToLower(rand.Text()[:16]) }

// admin runs one statement now and another at the end of t.
func admin(t testing.TB, driver, dsn, now, last string) {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), now)
	require.NoError(t, err)
	t.Cleanup(func() {
		defer db.Close()
		for range 5 { // statements that were cancelled may still run, and deadlock with it
			if _, err = db.ExecContext(context.Background(), last); err == nil {
				return
			}
		}
		require.NoError(t, err)
	})
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
