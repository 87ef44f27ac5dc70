package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// transaction is one write to the database. Its statements run under a context that is never cancelled: to interrupt a
// statement that writes makes SQLite roll everything back, a host's transaction too. Each is short; the caller's
// context is heeded between them.
type transaction struct {
	store *Store
	tx    *sql.Tx
	ctx   context.Context // the caller's
	uncut context.Context // the same, never cancelled
	now   int64
	clock int64 // the moment that the database has, if that was looked at

	open    map[lane]bool      // lanes that are known to be in the ring
	matches map[string][]match // by org and topics
	broken  map[int64]*brokenSubscription
	keeps   bool // what is stored
	stored  []numberedEvent
}

// sqlLock takes the write lock before anything is read, as BEGIN IMMEDIATE does, whatever a host's pool was told to begin with.
const sqlLock = `UPDATE kirimhooks_meta SET value = value WHERE false`

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

// exclusively runs f when no other goroutine writes, again and again as long as other processes do.
func (s *Store) exclusively(ctx context.Context, f func() error) error {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.turn }()
	return s.untilFree(ctx, f)
}

// untilFree runs f until it does not find the database locked. The pauses have jitter, since SQLite has no queue: who asks
// at the right moment is next.
func (s *Store) untilFree(ctx context.Context, f func() error) error {
	limit := time.Now().Add(s.cfg.BusyTimeout)
	for pause := time.Millisecond; ; pause = min(2*pause, 20*time.Millisecond) {
		err := f()
		if !isCode(err, sqlite3.SQLITE_BUSY) || hasCode(err, sqlite3.SQLITE_BUSY_SNAPSHOT) {
			return err
		}
		if _, deadline := ctx.Deadline(); !deadline && time.Now().After(limit) {
			return fmt.Errorf("another process has been writing for %v: %w", s.cfg.BusyTimeout, err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause/2 + rand.N(pause)):
		}
	}
}

func (s *Store) once(ctx context.Context, f func(*transaction) error) error {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	t := &transaction{store: s, tx: tx, ctx: ctx, uncut: context.WithoutCancel(ctx)}
	if s.borrowed {
		if err := s.checkSynchronous(t.uncut, tx); err != nil {
			return err
		}
		if _, err := t.exec(sqlLock); err != nil {
			return err
		}
	}
	t.now = s.now()
	if err := t.lookAtClock(); err != nil {
		return err
	}
	if err := f(t); err != nil {
		return err
	}
	if err := s.file.check(true); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	if err := s.file.check(!s.borrowed); err != nil { // a host's pool may have closed the last connection, and the log with it
		return err
	}
	if t.clock != 0 {
		s.clock.Store(t.clock)
	}
	return nil
}

func (t *transaction) exec(text string, args ...any) (sql.Result, error) {
	if err := t.ctx.Err(); err != nil {
		return nil, err
	}
	if stmt := t.store.statement(text); stmt != nil {
		return t.tx.StmtContext(t.uncut, stmt).ExecContext(t.uncut, args...)
	}
	return t.tx.ExecContext(t.uncut, text, args...)
}

// insert is exec of one row; it returns the row's number, 0 if a conflict kept it out.
func (t *transaction) insert(text string, args ...any) (number int64, err error) {
	r, err := t.exec(text, args...)
	if err != nil {
		return 0, err
	}
	if n, err := r.RowsAffected(); n == 0 {
		return 0, err
	}
	return r.LastInsertId()
}

// row scans the first row; false if there is none.
func (t *transaction) row(text string, args []any, dest ...any) (found bool, err error) {
	err = t.each(text, args, func(scan scanner) error {
		found = true
		return scan(dest...)
	})
	return found, err
}

// position is that of a delivery in an index by at.
type position struct{ at, number int64 }

// last is the last position that a query gives; zero if it gives none.
//
// Batches are found first and changed afterwards, by the same index, up to the last of them. To change those that a subquery
// lists, "delivery IN (SELECT … LIMIT …)", is shorter, but leaves the planner free to walk the whole table, as it
// does with statistics from a time when the table was all but empty. INDEXED BY leaves it one way.
func (t *transaction) last(text string, args ...any) (p position, err error) {
	err = t.each(text, args, func(scan scanner) error { return scan(&p.at, &p.number) })
	return p, err
}

// scanner is [sql.Rows.Scan] of the current row.
type scanner func(dest ...any) error

// each calls f for every row.
func (t *transaction) each(text string, args []any, f func(scanner) error) error {
	if err := t.ctx.Err(); err != nil {
		return err
	}
	var rows *sql.Rows
	var err error
	if stmt := t.store.statement(text); stmt != nil {
		rows, err = t.tx.StmtContext(t.uncut, stmt).QueryContext(t.uncut, args...)
	} else {
		rows, err = t.tx.QueryContext(t.uncut, text, args...)
	}
	return scanAll(rows, err, f)
}

// read calls f for every row of a query outside any transaction. Cancelling ctx interrupts it.
func (s *Store) read(ctx context.Context, text string, args []any, f func(scanner) error) error {
	if err := s.load(ctx); err != nil {
		return err
	}
	if err := s.file.check(false); err != nil {
		return err
	}
	var rows *sql.Rows
	err := s.untilFree(ctx, func() (err error) { rows, err = s.reader.QueryContext(ctx, text, args...); return err })
	return scanAll(rows, err, f)
}

func scanAll(rows *sql.Rows, err error, f func(scanner) error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// failed says what went wrong, and what to do where SQLite does not.
func failed(doing string, ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("sqlitestore: %s: %w", doing, ctx.Err())
	case isCode(err, sqlite3.SQLITE_READONLY):
		return fmt.Errorf("sqlitestore: %s: the file and its directory must be writable: %w", doing, err)
	case isCode(err, sqlite3.SQLITE_NOTADB):
		return fmt.Errorf("sqlitestore: %s: the file is something else than a database: %w", doing, err)
	case isCode(err, sqlite3.SQLITE_FULL):
		return fmt.Errorf("sqlitestore: %s: no room left, on the disk or by max_page_count: %w", doing, err)
	default:
		return fmt.Errorf("sqlitestore: %s: %w", doing, err)
	}
}

// isCode compares primary result codes, hasCode extended ones: https://www.sqlite.org/rescode.html
func isCode(err error, code int) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == code
}

func hasCode(err error, code int) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code() == code
}
