package sqlinbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// database runs the statements of one inbox.
type database struct {
	*traits
	db    *sql.DB
	table tableName
	turn  chan struct{}
	group group
	ready atomic.Bool

	mu         sync.Mutex // held for no call of the database
	statements map[string]*statement
	prepared   map[*statement]*sql.Stmt
	missed     map[*statement]bool // ran in a transaction before they were prepared
}

func newDatabase(db *sql.DB, t *traits, table tableName) *database {
	return &database{
		traits: t, db: db, table: table, turn: make(chan struct{}, 1),
		statements: make(map[string]*statement), prepared: make(map[*statement]*sql.Stmt),
		missed: make(map[*statement]bool),
	}
}

// statement returns what text is in this database, made once.
func (d *database) statement(text string) *statement {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.statements[text]
	if s == nil {
		s = d.traits.statement(text, d.table)
		d.statements[text] = s
	}
	return s
}

// exec runs one statement, in tx unless that is nil, and returns how many rows it changed.
func (d *database) exec(ctx context.Context, tx *sql.Tx, text string, v values) (int64, error) {
	s := d.statement(text)
	query, args := d.bind(s, v)
	stmt, err := d.stmt(ctx, tx, s)
	var r sql.Result
	switch {
	case err != nil:
		return 0, err
	case stmt != nil && tx != nil:
		r, err = tx.StmtContext(ctx, stmt).ExecContext(ctx, args...)
	case stmt != nil:
		r, err = stmt.ExecContext(ctx, args...)
	case tx != nil:
		r, err = tx.ExecContext(ctx, query, args...)
	default:
		r, err = d.db.ExecContext(ctx, query, args...)
	}
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// scanner is [sql.Rows.Scan] of the current row.
type scanner func(dest ...any) error

// each calls f for every row of a query, in tx unless that is nil.
func (d *database) each(ctx context.Context, tx *sql.Tx, text string, v values, f func(scanner) error) error {
	s := d.statement(text)
	query, args := d.bind(s, v)
	stmt, err := d.stmt(ctx, tx, s)
	var rows *sql.Rows
	switch {
	case err != nil:
		return err
	case stmt != nil && tx != nil:
		rows, err = tx.StmtContext(ctx, stmt).QueryContext(ctx, args...)
	case stmt != nil:
		rows, err = stmt.QueryContext(ctx, args...)
	case tx != nil:
		rows, err = tx.QueryContext(ctx, query, args...)
	default:
		rows, err = d.db.QueryContext(ctx, query, args...)
	}
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

// row scans the only row of a query; false if there is none.
func (d *database) row(ctx context.Context, tx *sql.Tx, text string, v values, dest ...any) (found bool, err error) {
	err = d.each(ctx, tx, text, v, func(scan scanner) error {
		found = true
		return scan(dest...)
	})
	return found, err
}

// sqlLock takes SQLite's write lock before anything is read.
const sqlLock = `update {meta} set version = version where false`

// begin starts a transaction that may write at once. Where there is one writer at a time, the caller has the turn, and
// another process may write: then it is waited for, also where BEGIN asks for the lock already (_txlock=immediate).
func (d *database) begin(ctx context.Context) (tx *sql.Tx, err error) {
	if !d.grouped {
		return d.db.BeginTx(ctx, d.tx)
	}
	err = untilFree(ctx, func() error {
		tx, err = d.db.BeginTx(ctx, d.tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = untilFree(ctx, func() error {
		_, err := d.exec(ctx, tx, sqlLock, nil)
		return err
	})
	if err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	return tx, nil
}

// within runs f in a transaction.
func (d *database) within(ctx context.Context, f func(*sql.Tx) error) error {
	if d.grouped {
		select {
		case d.turn <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		defer func() { <-d.turn }()
		ctx = context.WithoutCancel(ctx) // SQLite may answer an interruption by rolling back on its own
	}
	tx, err := d.begin(ctx)
	if err != nil {
		return err
	}
	defer d.catchUp(ctx)
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// patience is how long the lock of another process is waited for.
const patience = 10 * time.Second

// untilFree runs f until it does not find the database locked. SQLite has no queue: who asks at the right moment is
// next.
func untilFree(ctx context.Context, f func() error) error {
	limit := time.Now().Add(patience)
	for pause := time.Millisecond; ; pause = min(2*pause, 20*time.Millisecond) {
		err := f()
		if !isBusy(err) {
			return err
		}
		if time.Now().After(limit) {
			return fmt.Errorf("another process has been writing for %v: %w", patience, err)
		}
		if err := sleep(ctx, jitter(pause)); err != nil {
			return err
		}
	}
}

// isBusy reads the text, since each driver has an error type of its own.
func isBusy(err error) bool {
	if err == nil {
		return false
	}
	text := err.Error()
	return strings.Contains(text, "SQLITE_BUSY") || strings.Contains(text, "database is locked")
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
