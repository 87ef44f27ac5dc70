package pgstore

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// modeOf is how statements go through a session: as the host configured it, except that modes which pass values as text
// become one that passes them in binary form. That is as fit for poolers, and no setting of the session changes what it
// means.
func modeOf(c *pgx.Conn) pgx.QueryExecMode {
	notes := c.PgConn().CustomData()
	if mode, ok := notes[noteMode].(pgx.QueryExecMode); ok {
		return mode
	}
	cfg := c.Config()
	mode := cfg.DefaultQueryExecMode
	if mode == pgx.QueryExecModeExec || mode == pgx.QueryExecModeSimpleProtocol {
		mode = pgx.QueryExecModeCacheDescribe
	}
	if mode == pgx.QueryExecModeCacheDescribe && cfg.DescriptionCacheCapacity == 0 {
		mode = pgx.QueryExecModeDescribeExec
	}
	notes[noteMode] = mode
	return mode
}

// query runs one query on a session and calls scan for each row.
func query(ctx context.Context, c *pgx.Conn, text string, args []any, scan func(scanner) error) error {
	rows, err := c.Query(ctx, text, append([]any{modeOf(c)}, args...)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	return readAll(rows, scan)
}

// each runs a query on a session of the pool.
func (s *Store) each(ctx context.Context, text string, args []any, scan func(scanner) error) error {
	return s.run(ctx, func(c *pgx.Conn) error { return query(ctx, c, text, args, scan) })
}

// row is each for a query that answers with one row; pgx.ErrNoRows if it has none.
func (s *Store) row(ctx context.Context, text string, args []any, dest ...any) error {
	found := false
	err := s.each(ctx, text, args, func(row scanner) error {
		found = true
		return row.Scan(dest...)
	})
	if err == nil && !found {
		err = pgx.ErrNoRows
	}
	return err
}
