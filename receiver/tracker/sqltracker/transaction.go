package sqltracker

import (
	"context"
	"database/sql"
)

// within runs f in tx, or in a transaction of its own.
func (s *Store) within(ctx context.Context, tx *sql.Tx, f func(*sql.Tx) error) error {
	if tx != nil {
		return f(tx)
	}
	words := s.flavor.words()
	return s.transaction(ctx, func(tx *sql.Tx) error {
		if words.reads {
			if _, err := s.claim.exec(ctx, tx); err != nil {
				return err
			}
		}
		return f(tx)
	})
}

// claimText makes a writer of a transaction before it reads.
const claimText = "update {t} set version = version where false"

// transaction runs f in a transaction, again where others were in the way.
func (s *Store) transaction(ctx context.Context, f func(*sql.Tx) error) error {
	return untilFree(ctx, func() error {
		tx, err := s.db.BeginTx(ctx, s.flavor.words().tx)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }() // nothing after a commit
		if err := f(tx); err != nil {
			return err
		}
		return tx.Commit()
	})
}
