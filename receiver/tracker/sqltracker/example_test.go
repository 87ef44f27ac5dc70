package sqltracker_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
	"github.com/kirimhooks/kirimhooks/receiver/tracker"
	"github.com/kirimhooks/kirimhooks/receiver/tracker/sqltracker"
)

// openApp opens the host's own database.
func openApp(dir string) *sql.DB {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "app.db")+
		"?_pragma=busy_timeout(100)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		log.Fatal(err)
	}
	return db
}

// failed is what Meta says of a message that could not be delivered.
const failed = `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{
	"messaging_product":"whatsapp","metadata":{"display_phone_number":"1555","phone_number_id":"1055"},"statuses":[
	{"id":"wamid.1","status":"failed","timestamp":"1767225600","recipient_id":"628",
	"errors":[{"code":131026,"title":"Message undeliverable"}]}]}}]}]}`

// A status is recorded in the transaction in which its event is marked as handled: both, or neither.
func Example() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	dir, err := os.MkdirTemp("", "tracker")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	db := openApp(dir)
	defer db.Close()

	store, err := sqltracker.New(db, sqltracker.SQLite, sqltracker.Config{})
	if err != nil {
		log.Fatal(err)
	}
	handled := make(chan sqlinbox.Outcome)
	mux := receiver.NewMux() // what else is to be done
	inbox, err := sqlinbox.New(db, sqlinbox.SQLite, tracker.Handler(store.InTxOf(sqlinbox.Tx), mux), sqlinbox.Config{
		Hooks: sqlinbox.Hooks{Ran: func(_ context.Context, _ *receiver.Event, o sqlinbox.Outcome) { handled <- o }},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, migrate := range []func(context.Context) error{store.Migrate, inbox.Migrate} {
		if err := migrate(ctx); err != nil {
			log.Fatal(err)
		}
	}
	go inbox.Run(ctx)

	// What the inbox would get of a request.
	ev := envelope.Event{Source: envelope.Meta, Type: "message.status", Body: []byte(failed)}
	if err := inbox.HandleEvent(ctx, &receiver.Event{Event: ev, Key: "meta:1", ReceivedAt: time.Now()}); err != nil {
		log.Fatal(err)
	}
	fmt.Println((<-handled).State)
	messages, err := store.List(ctx, tracker.Query{Step: tracker.Failed})
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range messages {
		fmt.Println(m.ID, m.Code, m.Reason)
	}
	// Output:
	// done
	// wamid.1 131026 Message undeliverable
}

// A host that has a transaction of its own records in it what it has just sent.
func ExampleStore_In() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "tracker")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	db := openApp(dir)
	defer db.Close()
	store, err := sqltracker.New(db, sqltracker.SQLite, sqltracker.Config{})
	if err != nil {
		log.Fatal(err)
	}
	if err := store.Migrate(ctx); err != nil {
		log.Fatal(err)
	}

	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer tx.Rollback()
	// … insert into orders …
	sent := tracker.Status{
		Key:  tracker.Key{Source: envelope.Meta, Line: "1055", ID: "wamid.1"},
		Step: tracker.Sent, At: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
	}
	if err := store.In(tx).Record(ctx, sent); err != nil {
		log.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		log.Fatal(err)
	}
	messages, err := store.Get(ctx, "wamid.1")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(messages[0].Step, messages[0].Since.Format(time.Kitchen))
	// Output: sent 12:00PM
}
