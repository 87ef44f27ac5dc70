package sqldedupe

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/kirimhooks/kirimhooks/dedupe"
)

// Config tunes a [Store]. The zero Config works.
type Config struct {
	// Table is the name of the table: up to 40 letters, digits and '_', perhaps with a schema and a dot before.
	// Defaults to "kirimhooks_dedupe".
	Table string
}

// Store implements [dedupe.Store]. Make one with [New]. Safe for concurrent use by many processes.
type Store struct {
	db     *sql.DB
	flavor Flavor
	table  string

	insert, take, commit, release, look, purge *statement
}

var _ dedupe.Store = (*Store)(nil)

// New returns a Store over db, which stays the caller's to close; what the store prepared ends with it. It asks the
// database nothing yet: [Store.Migrate] makes the table.
func New(db *sql.DB, flavor Flavor, cfg Config) (*Store, error) {
	words := flavor.words()
	switch {
	case db == nil:
		return nil, errors.New("sqldedupe: no database")
	case words == nil:
		return nil, fmt.Errorf("sqldedupe: no flavor %v", flavor)
	case cfg.Table == "":
		cfg.Table = defaultTable
	}
	if err := checkTable(cfg.Table); err != nil {
		return nil, err
	}
	prepare := func(text string) *statement { return words.statement(db, cfg.Table, text) }
	return &Store{
		db: db, flavor: flavor, table: cfg.Table,
		insert:  prepare(insertText),
		take:    prepare(takeText),
		commit:  prepare(commitText),
		release: prepare(releaseText),
		look:    prepare(lookText),
		purge:   prepare(words.purge),
	}, nil
}

// Each statement is a transaction of its own. A row that has ended is as good as none; so a release ends it, and leaves
// the deleting to the purge.
const (
	insertText  = "{insert} {t} (dedupe_key, token, done, ends) values (?, ?, ?, {now} + ?) {ignore}"
	takeText    = "update {t} set token = ?, done = 0, ends = {now} + ? where " + key + "(" + free + " or " + mine + ")"
	commitText  = "update {t} set token = ?, done = 1, ends = {now} + ? where " + key + "(" + free + " or token = ?)"
	releaseText = "update {t} set ends = 0 where " + key + mine
	lookText    = "select token, done, ends - {now} from {t} where dedupe_key = ?"

	key  = "dedupe_key = ? and "
	free = "ends <= {now}"
	mine = "token = ? and done = 0"
)
