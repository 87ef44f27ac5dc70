package sqldedupe_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/kirimhooks/kirimhooks/dedupe"
	"github.com/kirimhooks/kirimhooks/dedupe/sqldedupe"
)

// Every process on this database makes such a guard. A receiver takes it as receiver.Config.Dedupe.
func Example() {
	dir, err := os.MkdirTemp("", "dedupe")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	const pragmas = "?_pragma=busy_timeout(100)&_pragma=journal_mode(WAL)"
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "app.db")+pragmas)
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	store, err := sqldedupe.New(db, sqldedupe.SQLite, sqldedupe.Config{})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	if err := store.Migrate(ctx); err != nil {
		log.Fatal(err)
	}
	handle := func(context.Context) error { fmt.Println("handled"); return nil }

	one := dedupe.Guard{Store: store, Prefix: "billing"}
	fmt.Println(one.Do(ctx, "evt_1", handle))
	another := dedupe.Guard{Store: store, Prefix: "billing"} // perhaps in another process
	fmt.Println(errors.Is(another.Do(ctx, "evt_1", handle), dedupe.ErrDuplicate))
	// Output:
	// handled
	// <nil>
	// true
}
