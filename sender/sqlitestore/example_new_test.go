package sqlitestore_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
)

// In the host's own file, beside its tables, so that events can be published in its transactions.
func ExampleNew() {
	dir, err := os.MkdirTemp("", "sqlitestore")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	const pragmas = "?_pragma=busy_timeout(100)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(filepath.Join(dir, "app.db"))+pragmas)
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	store, err := sqlitestore.New(db, sqlitestore.Config{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(store.Migrate(context.Background()))

	careless, err := sql.Open("sqlite", "file:"+filepath.ToSlash(filepath.Join(dir, "other.db")))
	if err != nil {
		log.Fatal(err)
	}
	defer careless.Close()
	_, err = sqlitestore.New(careless, sqlitestore.Config{})
	fmt.Println(err != nil)
	// Output:
	// <nil>
	// true
}

// Hosts with migrations of their own put the schema among them.
func ExampleSchema() {
	fmt.Println(strings.Contains(sqlitestore.Schema(), "kirimhooks_"))
	// Output: true
}
