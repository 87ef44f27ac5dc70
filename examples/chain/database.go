package main

import (
	"context"
	"database/sql"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/pgstore"
	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
)

// database is all that a service keeps: its own tables, the webhooks that it sends, and those that it got.
type database struct {
	*sql.DB
	serial string // the type of a column that numbers its rows
	flavor sqlinbox.Flavor
	store  sender.Store
	within func(*sql.Tx) driver.Enqueuer // publishes in a transaction of DB
	close  func()
}

// openDatabase opens postgres://… or else a file of SQLite, and makes the tables that webhooks need.
func openDatabase(ctx context.Context, at string) (*database, error) {
	if isPostgres(at) {
		return openPostgres(ctx, at)
	}
	return openSQLite(ctx, at)
}

func isPostgres(at string) bool {
	return strings.HasPrefix(at, "postgres://") || strings.HasPrefix(at, "postgresql://")
}

func openSQLite(ctx context.Context, file string) (*database, error) {
	db, err := sql.Open("sqlite", sqliteDSN(file))
	if err != nil {
		return nil, err
	}
	store, err := sqlitestore.New(db, sqlitestore.Config{})
	if err == nil {
		err = store.Migrate(ctx)
	}
	if err != nil {
		db.Close()
		return nil, err
	}
	return &database{
		DB: db, serial: "integer", flavor: sqlinbox.SQLite, store: store, within: store.Tx,
		close: func() { store.Close(); db.Close() },
	}, nil
}

// sqliteDSN has what sqlitestore and sqlinbox ask for.
func sqliteDSN(file string) string {
	dsn := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(file), RawQuery: "_txlock=immediate" +
		"&_pragma=busy_timeout(100)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"}
	return dsn.String()
}

// openPostgres has one pool for everything.
func openPostgres(ctx context.Context, url string) (*database, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	cfg.MaxConns = 3 * workers
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	store, err := pgstore.New(pool, pgstore.Config{})
	if err == nil {
		err = store.Migrate(ctx)
	}
	if err != nil {
		pool.Close()
		return nil, err
	}
	db := stdlib.OpenDBFromPool(pool)
	return &database{
		DB: db, serial: "bigint generated always as identity", flavor: sqlinbox.Postgres, store: store,
		within: store.SQLTx, close: func() { db.Close(); pool.Close() },
	}, nil
}
