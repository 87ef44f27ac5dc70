package pgstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// scanner is a row of either driver.
type scanner interface{ Scan(...any) error }

// querier is what Enqueue needs of a connection.
type querier interface {
	// each runs a query and calls scan for each row.
	each(ctx context.Context, text string, args []any, scan func(scanner) error) error
}

// pgxQuerier is a transaction of pgx.
type pgxQuerier struct{ tx pgx.Tx }

func (q pgxQuerier) each(ctx context.Context, text string, args []any, scan func(scanner) error) error {
	c := q.tx.Conn()
	return onUTF8(ctx, c, func() error {
		rows, err := q.tx.Query(ctx, text, append([]any{modeOf(c)}, args...)...)
		if err != nil {
			return err
		}
		defer rows.Close()
		return readAll(rows, scan)
	})
}

// sqlQuerier is a transaction of database/sql, whichever driver it has: arrays go as text.
type sqlQuerier struct{ tx *sql.Tx }

func (q sqlQuerier) each(ctx context.Context, text string, args []any, scan func(scanner) error) error {
	plain := make([]any, len(args))
	for i, a := range args {
		if times, ok := a.([]*time.Time); ok {
			a = filled(times) // see instants
		}
		plain[i] = literal(a)
	}
	rows, err := q.tx.QueryContext(ctx, text, plain...)
	if err != nil {
		return err
	}
	defer rows.Close()
	return readAll(rows, scan)
}

func readAll(rows interface {
	scanner
	Next() bool
	Err() error
}, scan func(scanner) error) error {
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// isUndefined: no such schema, table, column or function.
func isUndefined(err error) bool {
	var pe *pgconn.PgError
	return errors.As(err, &pe) && (pe.Code == "3F000" || pe.Code == "42P01" || pe.Code == "42703" || pe.Code == "42883")
}
