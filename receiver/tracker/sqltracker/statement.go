package sqltracker

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"sync/atomic"
)

// statement is SQL in the words of one database.
type statement struct {
	db       *sql.DB
	text     string
	prepares bool
	prepared atomic.Pointer[sql.Stmt]
}

// statement reads text in which "?" is an argument, "{t}" the table, and any other "{word}" one of words or part of
// every statement.
func (w *words) statement(db *sql.DB, table, text string) *statement {
	text = strings.NewReplacer(
		"{t}", table, "{present}", w.present, "{lock}", w.lock,
		"{columns}", columns, "{key}", keyed, "{order}", ordered,
	).Replace(text)
	if w.numbered {
		parts := strings.Split(text, "?")
		text = parts[0]
		for i, part := range parts[1:] {
			text += "$" + strconv.Itoa(i+1) + part
		}
	}
	return &statement{db: db, text: text, prepares: w.prepares}
}

// exec runs the statement in tx, or for itself if that is nil, and returns how many rows it changed.
func (s *statement) exec(ctx context.Context, tx *sql.Tx, args ...any) (rows int64, err error) {
	if tx != nil {
		return changed(tx.ExecContext(ctx, s.text, args...))
	}
	err = untilFree(ctx, func() error {
		stmt, err := s.prepare(ctx)
		switch {
		case err != nil:
			return err
		case stmt != nil:
			rows, err = changed(stmt.ExecContext(ctx, args...))
		default:
			rows, err = changed(s.db.ExecContext(ctx, s.text, args...))
		}
		return err
	})
	return rows, err
}

func changed(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// read returns the rows that a query of columns finds, in tx or for itself.
func (s *statement) read(ctx context.Context, tx *sql.Tx, args ...any) (found []row, err error) {
	if tx != nil {
		return scanAll(tx.QueryContext(ctx, s.text, args...))
	}
	err = untilFree(ctx, func() error {
		stmt, err := s.prepare(ctx)
		switch {
		case err != nil:
			return err
		case stmt != nil:
			found, err = scanAll(stmt.QueryContext(ctx, args...))
		default:
			found, err = scanAll(s.db.QueryContext(ctx, s.text, args...))
		}
		return err
	})
	return found, err
}

// prepare prepares the statement once, where that is of use. Of two that do so at the same time one stays, and the
// other ends with the database. A transaction may be of another pool, and does without.
func (s *statement) prepare(ctx context.Context) (*sql.Stmt, error) {
	if !s.prepares {
		return nil, nil
	}
	if stmt := s.prepared.Load(); stmt != nil {
		return stmt, nil
	}
	stmt, err := s.db.PrepareContext(ctx, s.text)
	if err != nil {
		return nil, err
	}
	if !s.prepared.CompareAndSwap(nil, stmt) {
		_ = stmt.Close()
		return s.prepared.Load(), nil
	}
	return stmt, nil
}
