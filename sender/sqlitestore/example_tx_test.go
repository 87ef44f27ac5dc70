package sqlitestore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
)

// The row and the event that tells of it are committed together, or not at all.
func ExampleStore_Tx() {
	dir, err := os.MkdirTemp("", "sqlitestore")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "app.db")+
		"?_txlock=immediate&_pragma=busy_timeout(100)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`CREATE TABLE contacts (name TEXT)`); err != nil {
		log.Fatal(err)
	}

	ctx := context.Background()
	store, err := sqlitestore.New(db, sqlitestore.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	if err := store.Migrate(ctx); err != nil {
		log.Fatal(err)
	}
	s, err := sender.New(store, sender.Config{})
	if err != nil {
		log.Fatal(err)
	}
	acme := s.Org("acme")
	if _, _, err := acme.Subscribe(ctx, sender.Subscription{URL: "https://example.com/hooks",
		Events: []string{"*"}}); err != nil {
		log.Fatal(err)
	}

	createContact := func(name string) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		if _, err := tx.Exec(`INSERT INTO contacts VALUES (?)`, name); err != nil {
			return err
		}
		ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{AcquisitionSource: "inbound"})
		if err != nil {
			return err
		}
		if _, err := acme.PublishTx(ctx, store.Tx(tx), ev); err != nil {
			return err
		}
		if name == "" {
			return errors.New("a contact needs a name")
		}
		return tx.Commit()
	}
	fmt.Println(createContact(""))
	fmt.Println(createContact("budi"))

	counts, err := store.Counts(ctx, "acme")
	fmt.Println(counts.Due, err)
	// Output:
	// a contact needs a name
	// <nil>
	// 1 <nil>
}
