package sqltracker

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/kirimhooks/kirimhooks/receiver/tracker"
)

// In returns a store that does everything in tx, which stays the caller's to commit or roll back: what is recorded
// is there if the rest of tx is.
//
// Record locks the rows of its messages until tx ends, in the order of their keys, whatever that of the statuses. So
// two that record do not wait for each other in a circle, unless one calls Record more than once in a transaction.
// After an error tx can only be rolled back and begun anew.
//
// The isolation of tx should be READ COMMITTED, as sqlinbox's is: at a higher one Postgres refuses what others have
// written since tx began. In SQLite tx should have begun as a writer (_txlock=immediate).
func (s *Store) In(tx *sql.Tx) tracker.Store {
	return s.InTxOf(func(context.Context) *sql.Tx { return tx })
}

// InTxOf is as [Store.In] of the transaction that of returns for the context of each call. With sqlinbox.Tx a status is
// recorded if its event is marked as handled, and not if it is not:
//
//	tracker.Handler(store.InTxOf(sqlinbox.Tx), mux)
func (s *Store) InTxOf(of func(ctx context.Context) *sql.Tx) tracker.Store {
	return inTx{s, func(ctx context.Context) (*sql.Tx, error) {
		if tx := of(ctx); tx != nil {
			return tx, nil
		}
		return nil, errNoTx
	}}
}

var errNoTx = errors.New("no transaction")

// begin returns the transaction of a call, or nil where its statements run for themselves.
type begin func(ctx context.Context) (*sql.Tx, error)

// inTx is a Store in somebody else's transaction.
type inTx struct {
	store *Store
	begin begin
}

func (s inTx) Record(ctx context.Context, statuses ...tracker.Status) error {
	return s.store.record(ctx, s.begin, statuses)
}

func (s inTx) Get(ctx context.Context, id string) ([]tracker.Message, error) {
	return s.store.find(ctx, s.begin, id)
}

func (s inTx) List(ctx context.Context, q tracker.Query) ([]tracker.Message, error) {
	return s.store.page(ctx, s.begin, q)
}

func (s inTx) Purge(ctx context.Context, t time.Time) (int, error) {
	return s.store.purge(ctx, s.begin, t)
}
