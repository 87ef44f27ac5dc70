package sqlinbox_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
	"github.com/kirimhooks/kirimhooks/signature"
)

// openApp opens the host's own database, with what an inbox needs of SQLite.
func openApp(dir string) *sql.DB {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "app.db")+
		"?_pragma=busy_timeout(100)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		log.Fatal(err)
	}
	return db
}

// A contact is written in the transaction in which its event is marked as handled: it is there once, whatever dies
// when.
func Example() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	dir, err := os.MkdirTemp("", "inbox")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	db := openApp(dir)
	defer db.Close()
	if _, err := db.ExecContext(ctx, `create table contacts (id text primary key, name text)`); err != nil {
		log.Fatal(err)
	}

	mux := receiver.NewMux()
	receiver.On(mux, kirim.ContactCreated, func(ctx context.Context, _ *receiver.Event, data kirim.ContactData) error {
		const insert = `insert into contacts (id, name) values (?, ?)`
		_, err := sqlinbox.Tx(ctx).ExecContext(ctx, insert, data.Contact.ID, data.Contact.Name)
		return err
	})
	handled := make(chan sqlinbox.Outcome)
	inbox, err := sqlinbox.New(db, sqlinbox.SQLite, mux, sqlinbox.Config{
		Key:   sqlinbox.ByConversation,
		Hooks: sqlinbox.Hooks{Ran: func(_ context.Context, _ *receiver.Event, o sqlinbox.Outcome) { handled <- o }},
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := inbox.Migrate(ctx); err != nil {
		log.Fatal(err)
	}
	keys := signature.NewKeyring(signature.NewSecret(os.Getenv("KIRIM_WEBHOOK_SECRET")))
	cfg := receiver.Config{Dialects: []receiver.Dialect{receiver.Kirim(keys)}}
	if handler, err := receiver.Handler(inbox, cfg); err == nil {
		http.Handle("/webhooks", handler)
	}
	go inbox.Run(ctx)

	// What the handler would get of a request, twice.
	name := "Budi"
	data := kirim.ContactData{Contact: kirim.Contact{ID: "ctc_1", Name: &name}}
	ev, err := kirim.NewEvent(kirim.ContactCreated, data)
	if err != nil {
		log.Fatal(err)
	}
	for range 2 {
		if err := inbox.HandleEvent(ctx, &receiver.Event{Event: ev, Key: "kirim:" + ev.ID}); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println((<-handled).State)
	var n int
	if err := db.QueryRowContext(ctx, `select count(*) from contacts`).Scan(&n); err != nil {
		log.Fatal(err)
	}
	fmt.Println(n, "contact")
	// Output:
	// done
	// 1 contact
}
