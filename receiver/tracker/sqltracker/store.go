package sqltracker

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/kirimhooks/kirimhooks/receiver/tracker"
)

// Config tunes a [Store]. The zero Config works.
type Config struct {
	// Table is the name of the table: up to 40 letters, digits and '_', perhaps with a schema and a dot before, which
	// SQLite does not take. Defaults to "kirimhooks_messages".
	Table string
}

// Store implements [tracker.Store]. Make one with [New]. Safe for concurrent use by many processes.
type Store struct {
	db     *sql.DB
	flavor Flavor
	table  string

	look, hold, insert, update, get, list, old, remove, claim *statement
}

var _ tracker.Store = (*Store)(nil)

// New returns a Store over db, which stays the caller's to close; what the store prepared ends with it. It asks the
// database nothing yet: [Store.Migrate] makes the table.
func New(db *sql.DB, flavor Flavor, cfg Config) (*Store, error) {
	words := flavor.words()
	switch {
	case db == nil:
		return nil, errors.New("sqltracker: no database")
	case words == nil:
		return nil, fmt.Errorf("sqltracker: no flavor %v", flavor)
	case cfg.Table == "":
		cfg.Table = defaultTable
	}
	if err := checkTable(flavor, cfg.Table); err != nil {
		return nil, fmt.Errorf("sqltracker: Config.Table: %w", err)
	}
	s := &Store{db: db, flavor: flavor, table: cfg.Table}
	for text, at := range s.statements() {
		*at = words.statement(db, cfg.Table, text)
	}
	return s, nil
}

// statements are the texts of this store's statements, and where each is kept.
func (s *Store) statements() map[string]**statement {
	return map[string]**statement{
		lookText: &s.look, holdText: &s.hold, insertText: &s.insert, updateText: &s.update,
		getText: &s.get, s.flavor.words().listText(): &s.list, oldText: &s.old, removeText: &s.remove, claimText: &s.claim,
	}
}

// Record implements [tracker.Store]. Statuses of one message are a read, and a write if they change it, and no lock
// outlives either. Those of several messages share a transaction.
func (s *Store) Record(ctx context.Context, statuses ...tracker.Status) error {
	return s.record(ctx, s.own, statuses)
}

// Get implements [tracker.Store].
func (s *Store) Get(ctx context.Context, id string) ([]tracker.Message, error) {
	return s.find(ctx, s.own, id)
}

// List implements [tracker.Store].
func (s *Store) List(ctx context.Context, q tracker.Query) ([]tracker.Message, error) {
	return s.page(ctx, s.own, q)
}

// Purge implements [tracker.Store]. It deletes in transactions of 500 rows, and what it deleted before an error stays
// deleted.
func (s *Store) Purge(ctx context.Context, t time.Time) (int, error) { return s.purge(ctx, s.own, t) }

// own is no transaction: statements run for themselves.
func (s *Store) own(context.Context) (*sql.Tx, error) { return nil, nil }
