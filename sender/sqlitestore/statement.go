package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// statements are those that transactions have used, compiled. Their texts are constants: there are few.
type statements struct {
	mu    sync.Mutex
	known map[string]*sql.Stmt // on the writer
}

func (s *statements) get(text string) *sql.Stmt {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known[text]
}

// keep compiles what a transaction had to do without. No transaction may be open that holds the only connection.
func (s *statements) keep(ctx context.Context, db *sql.DB, texts []string) {
	for _, text := range texts {
		stmt, err := db.PrepareContext(ctx, text)
		if err != nil {
			return // the next one that needs it says why
		}
		s.mu.Lock()
		if s.known[text] == nil {
			s.known[text], stmt = stmt, nil
		}
		s.mu.Unlock()
		if stmt != nil {
			_ = stmt.Close() // another goroutine was faster
		}
	}
}

func (s *statements) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, stmt := range s.known {
		errs = append(errs, stmt.Close())
	}
	clear(s.known)
	return errors.Join(errs...)
}

// statement is the compiled text, for this transaction.
func (tx *transaction) statement(text string) (*sql.Stmt, error) {
	if err := tx.ctx.Err(); err != nil {
		return nil, err
	}
	if stmt := tx.stmts[text]; stmt != nil {
		return stmt, nil
	}
	var stmt *sql.Stmt
	if known := tx.store.statements.get(text); known != nil {
		stmt = tx.tx.StmtContext(tx.uncut, known)
	} else {
		var err error
		if stmt, err = tx.tx.PrepareContext(tx.uncut, text); err != nil {
			return nil, err
		}
		tx.unknown = append(tx.unknown, text)
	}
	tx.stmts[text] = stmt
	return stmt, nil
}
