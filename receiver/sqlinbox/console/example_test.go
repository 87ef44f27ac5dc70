package console_test

import (
	"log"
	"net/http"

	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox/console"
)

// Mount the dashboard beside your own pages, behind what authenticates them.
func Example() {
	var inbox *sqlinbox.Inbox // from sqlinbox.New
	if inbox == nil {
		return
	}
	h, err := console.New(inbox, console.Config{
		Changes: func(r *http.Request) bool { return r.Header.Get("X-Role") == "admin" },
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/inbox/", authenticated(http.StripPrefix("/inbox", h)))
	log.Fatal(http.ListenAndServe("localhost:8080", mux))
	// Output:
}

// authenticated lets in whoever your own pages let in.
func authenticated(next http.Handler) http.Handler { return next }
