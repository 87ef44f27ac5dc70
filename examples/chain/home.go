package main

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
)

// home is where the databases of a run are.
type home interface {
	// at is how the service opens its database.
	at(service string) string
	// strike makes the database of a service fail for a moment, and reports whether it did.
	strike(ctx context.Context, service string) (bool, error)
	// read opens the database of a service for the audit.
	read(service string) (*sql.DB, error)
	// remove leaves nothing behind.
	remove() error
}

var services = []string{"account", "ledger"}

// newHome makes a database for each service.
func newHome(ctx context.Context, p plan) (home, error) {
	if p.postgres != "" {
		return newServer(ctx, p.postgres, p.crash)
	}
	dir, err := os.MkdirTemp("", "chain-")
	return files(dir), err
}

// files is a directory with a file of SQLite for each service. They fail when their services are killed, and not by
// themselves.
type files string

func (f files) at(service string) string { return filepath.Join(string(f), service+".db") }

func (f files) strike(context.Context, string) (bool, error) { return false, nil }

func (f files) read(service string) (*sql.DB, error) {
	return sql.Open("sqlite", sqliteDSN(f.at(service)))
}

func (f files) remove() error { return os.RemoveAll(string(f)) }
