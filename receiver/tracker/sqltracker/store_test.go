package sqltracker_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver/tracker"
	"github.com/kirimhooks/kirimhooks/receiver/tracker/sqltracker"
	"github.com/kirimhooks/kirimhooks/receiver/tracker/trackertest"
)

var start = time.Date(2026, 7, 2, 8, 0, 0, 0, time.UTC)

// status is of step so many seconds after the start.
func status(id string, step tracker.Step, seconds int) tracker.Status {
	key := tracker.Key{Source: envelope.Meta, Line: "1055", ID: id}
	return tracker.Status{Key: key, Step: step, At: start.Add(time.Duration(seconds) * time.Second)}
}

func TestStore(t *testing.T) { each(t, conforms) }

func TestStoreAtUnusualSettings(t *testing.T) {
	for name, open := range unusual {
		t.Run(name, func(t *testing.T) { conforms(t, open(t)) })
	}
}

func conforms(t *testing.T, s source) {
	w := s.world(t)
	trackertest.Run(t, func(*testing.T) tracker.Store { return w.emptied() })
}

// The same where every call is in a transaction of the host's.
func TestStoreInTransactions(t *testing.T) {
	each(t, func(t *testing.T, s source) {
		w := s.immediate().world(t)
		trackertest.Run(t, func(*testing.T) tracker.Store { return committing{w.emptied()} })
	})
}

// immediate is s with transactions that write from their beginning, as SQLite needs to be told.
func (s source) immediate() source {
	if s.flavor == sqltracker.SQLite {
		s.dsn += "&_txlock=immediate"
	}
	return s
}

// committing does each thing in a transaction, and commits it.
type committing struct{ *world }

var readCommitted = &sql.TxOptions{Isolation: sql.LevelReadCommitted}

func (c committing) within(ctx context.Context, do func(tracker.Store) error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	options := readCommitted
	if c.flavor == sqltracker.SQLite {
		options = nil
	}
	tx, err := c.db.BeginTx(ctx, options)
	for err != nil && ctx.Err() == nil { // SQLite's file is another's
		tx, err = c.db.BeginTx(ctx, options)
	}
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := do(c.In(tx)); err != nil {
		return err
	}
	return tx.Commit()
}

func (c committing) Record(ctx context.Context, statuses ...tracker.Status) error {
	return c.within(ctx, func(s tracker.Store) error { return s.Record(ctx, statuses...) })
}

func (c committing) Get(ctx context.Context, id string) (found []tracker.Message, err error) {
	err = c.within(ctx, func(s tracker.Store) (err error) { found, err = s.Get(ctx, id); return err })
	return found, err
}

func (c committing) List(ctx context.Context, q tracker.Query) (found []tracker.Message, err error) {
	err = c.within(ctx, func(s tracker.Store) (err error) { found, err = s.List(ctx, q); return err })
	return found, err
}

func (c committing) Purge(ctx context.Context, t time.Time) (n int, err error) {
	err = c.within(ctx, func(s tracker.Store) (err error) { n, err = s.Purge(ctx, t); return err })
	return n, err
}

// What is recorded is there if the transaction is.
func TestIn(t *testing.T) {
	each(t, func(t *testing.T, s source) {
		w := s.world(t)
		for _, end := range []func(*sql.Tx) error{(*sql.Tx).Rollback, (*sql.Tx).Commit} {
			tx, err := w.db.BeginTx(t.Context(), nil)
			require.NoError(t, err)
			in := w.In(tx)
			require.NoError(t, in.Record(t.Context(), status("wamid.1", tracker.Sent, 1)))
			rows, err := in.Get(t.Context(), "wamid.1")
			require.NoError(t, err)
			require.Len(t, rows, 1, "it sees its own")
			rows, err = w.Get(t.Context(), "wamid.1")
			require.NoError(t, err)
			require.Empty(t, rows, "nobody else does")
			require.NoError(t, end(tx))
		}
		rows, err := w.Get(t.Context(), "wamid.1")
		require.NoError(t, err)
		require.Len(t, rows, 1)
	})
}

// A transaction may be of another pool, as sqlinbox's that could not begin.
func TestInOfAnotherPool(t *testing.T) {
	each(t, func(t *testing.T, s source) {
		w := s.world(t)
		require.NoError(t, w.Record(t.Context(), status("wamid.1", tracker.Sent, 1)))
		tx, err := s.open(t).BeginTx(t.Context(), nil)
		require.NoError(t, err)
		require.NoError(t, w.In(tx).Record(t.Context(), status("wamid.1", tracker.Delivered, 2)))
		require.NoError(t, tx.Commit())
		rows, err := w.Get(t.Context(), "wamid.1")
		require.NoError(t, err)
		require.Equal(t, tracker.Delivered, rows[0].Step)
	})
}

func TestInNoTransaction(t *testing.T) {
	w := sqliteSource(t).world(t)
	in := w.In(nil)
	require.NoError(t, in.Record(t.Context()), "none is needed")
	require.ErrorContains(t, in.Record(t.Context(), status("wamid.1", tracker.Sent, 1)), "no transaction")
	_, err := in.Get(t.Context(), "wamid.1")
	require.ErrorContains(t, err, "sqltracker: get: no transaction")
	_, err = in.List(t.Context(), tracker.Query{Step: tracker.Sent})
	require.ErrorContains(t, err, "sqltracker: list: no transaction")
	_, err = in.Purge(t.Context(), start)
	require.ErrorContains(t, err, "sqltracker: purge: no transaction")
}

// A transaction at REPEATABLE READ still sees what others have purged meanwhile, and need not look for it again.
func TestPurgeOfWhatIsNoMore(t *testing.T) {
	w := mysqlSource(t).world(t)
	require.NoError(t, w.Record(t.Context(), status("wamid.1", tracker.Sent, 1), status("wamid.2", tracker.Sent, 1)))
	tx, err := w.db.BeginTx(t.Context(), &sql.TxOptions{Isolation: sql.LevelRepeatableRead})
	require.NoError(t, err)
	defer tx.Rollback()
	rows, err := w.In(tx).Get(t.Context(), "wamid.1")
	require.NoError(t, err)
	require.Len(t, rows, 1)
	n, err := w.Purge(t.Context(), start.Add(time.Minute))
	require.NoError(t, err)
	require.Equal(t, 2, n)
	n, err = w.In(tx).Purge(t.Context(), start.Add(time.Minute))
	require.NoError(t, err)
	require.Zero(t, n)
}
