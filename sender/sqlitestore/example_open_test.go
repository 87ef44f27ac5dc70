package sqlitestore_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
)

// An event that one process publishes is delivered by another, or by the same one after a restart.
func ExampleOpen() {
	arrived := make(chan string)
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- r.Header.Get("X-Kirim-Event")
	}))
	defer endpoint.Close()
	dir, err := os.MkdirTemp("", "sqlitestore")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	start := func() (*sqlitestore.Store, *sender.Sender) {
		store, err := sqlitestore.Open(context.Background(), filepath.Join(dir, "hooks.db"), sqlitestore.Config{})
		if err != nil {
			log.Fatal(err)
		}
		loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		s, err := sender.New(store, sender.Config{AllowPrivate: loopback}) // a test endpoint is not public
		if err != nil {
			log.Fatal(err)
		}
		return store, s
	}

	ctx, stop := context.WithCancel(context.Background())
	store, s := start()
	acme := s.Org("acme")
	if _, _, err := acme.Subscribe(ctx, sender.Subscription{URL: endpoint.URL,
		Events: []string{"contact.*"}}); err != nil {
		log.Fatal(err)
	}
	ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{AcquisitionSource: "inbound"})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := acme.Publish(ctx, ev); err != nil {
		log.Fatal(err)
	}
	fmt.Println("published, and gone:", store.Close())

	store, s = start()
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	fmt.Println("arrived:", <-arrived)
	stop()
	fmt.Println(<-ended, store.Close())
	// Output:
	// published, and gone: <nil>
	// arrived: contact.created
	// <nil> <nil>
}
