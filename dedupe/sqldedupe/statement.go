package sqldedupe

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

// statement reads text in which "{t}" is the table, "?" an argument, and any other "{word}" one of words.
func (w *words) statement(db *sql.DB, table, text string) *statement {
	text = strings.NewReplacer("{t}", table, "{now}", w.now, "{insert}", w.insert, "{ignore}", w.ignore).Replace(text)
	if w.numbered {
		parts := strings.Split(text, "?")
		text = parts[0]
		for i, part := range parts[1:] {
			text += "$" + strconv.Itoa(i+1) + part
		}
	}
	return &statement{db: db, text: text, prepares: w.prepares}
}

// exec returns how many rows the statement changed.
func (s *statement) exec(ctx context.Context, args ...any) (rows int64, err error) {
	err = untilFree(ctx, func() error {
		result, err := s.run(ctx, args)
		if err != nil {
			return err
		}
		rows, err = result.RowsAffected()
		return err
	})
	return rows, err
}

func (s *statement) run(ctx context.Context, args []any) (sql.Result, error) {
	if !s.prepares {
		return s.db.ExecContext(ctx, s.text, args...)
	}
	stmt, err := s.prepare(ctx)
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(ctx, args...)
}

// row reads the row of one key into to, and answers [sql.ErrNoRows] where there is none.
func (s *statement) row(ctx context.Context, key string, to ...any) error {
	return untilFree(ctx, func() error {
		if !s.prepares {
			return s.db.QueryRowContext(ctx, s.text, key).Scan(to...)
		}
		stmt, err := s.prepare(ctx)
		if err != nil {
			return err
		}
		return stmt.QueryRowContext(ctx, key).Scan(to...)
	})
}

// prepare prepares the statement once. Of two that do so at the same time one stays, and the other ends with the
// database.
func (s *statement) prepare(ctx context.Context) (*sql.Stmt, error) {
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
