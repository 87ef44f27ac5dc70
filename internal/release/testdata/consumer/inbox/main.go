package main

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"

	_ "modernc.org/sqlite"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
	"github.com/kirimhooks/kirimhooks/receiver/tracker"
	"github.com/kirimhooks/kirimhooks/receiver/tracker/sqltracker"
)

func main() {
	ctx, stop := context.WithCancel(context.Background())
	db, err := sql.Open("sqlite", "file:"+os.Getenv("STRANGER_DIR")+"/inbox.db?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		log.Fatal(err)
	}
	handled := make(chan string)
	store, err := sqltracker.New(db, sqltracker.SQLite, sqltracker.Config{})
	if err == nil {
		err = store.Migrate(ctx)
	}
	if err != nil {
		log.Fatal(err)
	}
	next := receiver.HandlerFunc(func(_ context.Context, ev *receiver.Event) error {
		handled <- ev.Type
		return nil
	})
	tracked := tracker.Handler(store.InTxOf(sqlinbox.Tx), next)
	inbox, err := sqlinbox.New(db, sqlinbox.SQLite, tracked, sqlinbox.Config{})
	if err == nil {
		err = inbox.Migrate(ctx)
	}
	if err != nil {
		log.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- inbox.Run(ctx) }()
	ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{})
	if err == nil {
		err = inbox.HandleEvent(ctx, &receiver.Event{Event: ev, Key: ev.ID})
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("stored and handled:", <-handled)
	stop()
	if err := <-ended; err != nil {
		log.Fatal(err)
	}
}
