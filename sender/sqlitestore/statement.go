package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// statements are those that transactions have used, compiled on the writer. Their texts are constants: there are few.
type statements struct{ known sync.Map } // of *sql.Stmt, by text

// keep compiles what a transaction had to do without. No transaction may be open that holds the only connection.
func (s *statements) keep(ctx context.Context, db *sql.DB, texts []string) {
	for _, text := range texts {
		stmt, err := db.PrepareContext(ctx, text)
		if err != nil {
			return // the next one that needs it says why
		}
		if _, known := s.known.LoadOrStore(text, stmt); known {
			_ = stmt.Close() // another goroutine was faster
		}
	}
}

func (s *statements) close() error {
	var errs []error
	for _, stmt := range s.known.Range {
		errs = append(errs, stmt.(*sql.Stmt).Close())
	}
	return errors.Join(errs...)
}

// statement is the compiled text, for this transaction.
func (tx *transaction) statement(text string) (stmt *sql.Stmt, err error) {
	if err := tx.ctx.Err(); err != nil {
		return nil, err
	}
	if stmt := tx.stmts[text]; stmt != nil {
		return stmt, nil
	}
	if known, ok := tx.store.statements.known.Load(text); ok {
		stmt = tx.tx.StmtContext(tx.uncut, known.(*sql.Stmt))
	} else {
		if stmt, err = tx.tx.PrepareContext(tx.uncut, text); err != nil {
			return nil, err
		}
		tx.unknown = append(tx.unknown, text)
	}
	tx.stmts[text] = stmt
	return stmt, nil
}
