package pgstore_test

import (
	"context"
	"database/sql"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/pgstore"
)

// The contact and the event that tells of it are there both, or neither.
func ExampleStore_Tx() {
	createContact := func(
		ctx context.Context, pool *pgxpool.Pool, store *pgstore.Store, s *sender.Sender, name string,
	) error {
		return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, "insert into contacts (name) values ($1)", name); err != nil {
				return err
			}
			ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{})
			if err != nil {
				return err
			}
			_, err = s.Org("acme").PublishTx(ctx, store.Tx(tx), ev)
			return err
		})
	}
	_ = createContact
}

// The same on database/sql.
func ExampleStore_SQLTx() {
	createContact := func(ctx context.Context, db *sql.DB, store *pgstore.Store, s *sender.Sender, name string) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		if _, err := tx.ExecContext(ctx, "insert into contacts (name) values ($1)", name); err != nil {
			return err
		}
		ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{})
		if err != nil {
			return err
		}
		if _, err := s.Org("acme").PublishTx(ctx, store.SQLTx(tx), ev); err != nil {
			return err
		}
		return tx.Commit()
	}
	_ = createContact
}
