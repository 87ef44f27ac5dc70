package sqlitestore

import (
	"context"
	"database/sql"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// transaction is one write to the database. Its statements run under a context that is never cancelled: SQLite rolls
// all back when a statement that writes is interrupted, a host's transaction too. Each is short; the caller's context
// is heeded between them.
type transaction struct {
	store  *Store
	tx     *sql.Tx
	ctx    context.Context // the caller's
	uncut  context.Context // the same, never cancelled
	now    int64
	latest int64 // the moment that the database has, if that was looked at

	stmts   map[string]*sql.Stmt
	unknown []string              // statements that the store has not compiled
	changes int64                 // where the counter stands, if that was looked at
	opened  map[lane]bool         // lanes that Claim was told of
	fanouts map[fanoutKey]*fanout // deliveries to be written
	stored  map[int64]*driver.StoredEvent
}

func (s *Store) newTransaction(ctx context.Context, tx *sql.Tx) *transaction {
	return &transaction{
		store: s, tx: tx, ctx: ctx, uncut: context.WithoutCancel(ctx), now: s.now(),
		stmts: map[string]*sql.Stmt{}, opened: map[lane]bool{},
		fanouts: map[fanoutKey]*fanout{}, stored: map[int64]*driver.StoredEvent{},
	}
}

// write runs f in a transaction that has the database to itself, and commits. f may be run again if another process was
// faster, and must not keep results of the run before.
func (s *Store) write(ctx context.Context, doing string, f func(*transaction) error) error {
	err := ctx.Err()
	if err == nil {
		err = s.load(ctx)
	}
	if err == nil {
		err = s.exclusively(ctx, func() error { return s.once(ctx, f) })
	}
	return failed(doing, ctx, err)
}

func (s *Store) once(ctx context.Context, f func(*transaction) error) error {
	sqlTx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	tx := s.newTransaction(ctx, sqlTx)
	defer func() {
		_ = sqlTx.Rollback() // after Commit it does nothing
		s.statements.keep(ctx, s.writer, tx.unknown)
	}()
	if err := tx.begin(); err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return err
	}
	if err := s.file.check(true); err != nil {
		return err
	}
	if err := sqlTx.Commit(); err != nil {
		return err
	}
	// A host's pool may have closed the last connection, and the log with it.
	if err := s.file.check(!s.borrowed); err != nil {
		return err
	}
	if tx.latest != 0 {
		s.latest.Store(tx.latest)
	}
	for number, event := range tx.stored {
		s.events.put(number, event)
	}
	return nil
}

// begin makes sure that the transaction can do what it must.
func (tx *transaction) begin() error {
	if tx.store.borrowed {
		if err := tx.store.checkSynchronous(tx.uncut, tx.tx); err != nil {
			return err
		}
		if _, err := tx.exec(sqlLock); err != nil {
			return err
		}
	}
	tx.now = tx.store.now()
	return tx.checkClock()
}

func (tx *transaction) exec(text string, args ...any) (sql.Result, error) {
	stmt, err := tx.statement(text)
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(tx.uncut, args...)
}

// affect is exec, and counts the rows that it changed.
func (tx *transaction) affect(text string, args ...any) (int, error) {
	r, err := tx.exec(text, args...)
	if err != nil {
		return 0, err
	}
	n, err := r.RowsAffected()
	return int(n), err
}

// change is exec of what changes one row at most, and reports whether it did.
func (tx *transaction) change(text string, args ...any) (bool, error) {
	n, err := tx.affect(text, args...)
	return n > 0, err
}

// insert is exec of rows to be added. It returns the number of the last; 0 if a conflict kept it out.
func (tx *transaction) insert(text string, args ...any) (number int64, err error) {
	r, err := tx.exec(text, args...)
	if err != nil {
		return 0, err
	}
	if n, err := r.RowsAffected(); n == 0 {
		return 0, err
	}
	return r.LastInsertId()
}

// each calls f for every row.
func (tx *transaction) each(text string, args []any, f func(scanner) error) error {
	stmt, err := tx.statement(text)
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(tx.uncut, args...)
	return scanAll(rows, err, f)
}

// row scans the first row; false if there is none.
func (tx *transaction) row(text string, args []any, dest ...any) (found bool, err error) {
	err = tx.each(text, args, func(scan scanner) error {
		found = true
		return scan(dest...)
	})
	return found, err
}

// numbers gives the first column of every row.
func (tx *transaction) numbers(text string, args ...any) (list []int64, err error) {
	err = tx.each(text, args, collect(&list))
	return list, err
}
