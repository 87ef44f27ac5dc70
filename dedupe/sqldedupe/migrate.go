package sqldedupe

import (
	"context"
	"fmt"
	"strings"
)

// Schema is the SQL that [Store.Migrate] runs on a database without the table, for a host whose own tool makes it.
// table is Config.Table, "" for its default.
func Schema(f Flavor, table string) (string, error) {
	w := f.words()
	switch {
	case w == nil:
		return "", fmt.Errorf("sqldedupe: schema: no flavor %v", f)
	case table == "":
		table = defaultTable
	}
	if err := checkTable(table); err != nil {
		return "", err
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
		err = untilFree(ctx, func() error { return s.define(ctx, text) })
		if err == nil || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("sqldedupe: migrate: %w", err)
	}
	return nil
}

func (s *Store) isThere(ctx context.Context) bool {
	_, err := s.held(ctx, "")
	return err == nil
}

// define makes the table and its index, or neither.
func (s *Store) define(ctx context.Context, text string) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing after a commit
	for statement := range strings.SplitSeq(text, ";\n") {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return tx.Commit()
}
