package sqltracker

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/kirimhooks/kirimhooks/receiver/tracker"
)

// Schema is the SQL that [Store.Migrate] runs on a database without the table, for a host whose own tool makes it.
// table is Config.Table, "" for its default.
func Schema(f Flavor, table string) (string, error) {
	w := f.words()
	switch {
	case w == nil:
		return "", fmt.Errorf("sqltracker: schema: no flavor %v", f)
	case table == "":
		table = defaultTable
	}
	if err := checkTable(f, table); err != nil {
		return "", fmt.Errorf("sqltracker: schema: %w", err)
	}
	bare := table[strings.IndexByte(table, '.')+1:]
	return strings.NewReplacer("{t}", table, "{name}", bare).Replace(w.schema), nil
}

// Migrate makes the table where it is not there. Call it at every start; several processes may at once.
func (s *Store) Migrate(ctx context.Context) error {
	text, err := Schema(s.flavor, s.table)
	if err != nil {
		return err
	}
	// In Postgres two at once can both find the table missing: the one that loses finds it the second time.
	for range 3 {
		if s.isThere(ctx) {
			return nil // which a role without the right to create can see
		}
		err = s.transaction(ctx, func(tx *sql.Tx) error { return define(ctx, tx, text) })
		if err == nil || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("sqltracker: migrate: %w", err)
	}
	return nil
}

func (s *Store) isThere(ctx context.Context) bool {
	_, err := s.look.read(ctx, nil, key(tracker.Key{})...)
	return err == nil
}

// define makes the table and its indexes, or none of them, where the database can undo the one.
func define(ctx context.Context, tx *sql.Tx, text string) error {
	for statement := range strings.SplitSeq(text, ";\n") {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
