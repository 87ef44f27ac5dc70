package main

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
	"github.com/kirimhooks/kirimhooks/sender/pgstore"
	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
)

// defaultStore is durable: it outlives the program, in the directory in which that was started.
const defaultStore = "sqlite:platform.db"

// parseStore finds out what -store means, and opens nothing yet. The value may hold a password, and so no error quotes
// it.
func parseStore(spec string) (opener, error) {
	kind, rest, _ := strings.Cut(spec, ":")
	switch {
	case spec == "memory":
		return openMemory, nil
	case kind == "sqlite" && rest != "":
		return openSQLite(rest), nil
	case kind == "postgres" || kind == "postgresql":
		return openPostgres(spec), nil
	}
	return nil, errors.New("-store: must be memory, sqlite:FILE or postgres://user:password@host/database")
}

func openMemory(context.Context) (sender.Store, func() error, error) {
	return memstore.New(), func() error { return nil }, nil
}

// openSQLite opens the file, which makes its tables too.
func openSQLite(file string) opener {
	return func(ctx context.Context) (sender.Store, func() error, error) {
		s, err := sqlitestore.Open(ctx, file, sqlitestore.Config{})
		if err != nil {
			return nil, nil, err
		}
		return s, s.Close, nil
	}
}

// openPostgres makes the tables, or brings them to this version; one of several processes that start at once does it.
func openPostgres(url string) opener {
	return func(ctx context.Context) (sender.Store, func() error, error) {
		pool, err := pgxpool.New(ctx, url)
		if err != nil {
			return nil, nil, err
		}
		s, err := pgstore.New(pool, pgstore.Config{})
		if err == nil {
			err = s.Migrate(ctx)
		}
		if err != nil {
			pool.Close()
			return nil, nil, err
		}
		return s, func() error { pool.Close(); return nil }, nil
	}
}
