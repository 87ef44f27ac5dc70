package console_test

import (
	"log"
	"net/http"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/console"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// Mount the dashboard beside your own pages. What authenticates them stands before it too.
func Example() {
	s, err := sender.New(memstore.New(), sender.Config{})
	if err != nil {
		log.Fatal(err)
	}
	h, err := console.New(s, console.Config{
		Org: func(r *http.Request) (string, error) {
			session, err := r.Cookie("session") // as your own pages find out
			if err != nil {
				return "", err
			}
			return tenantOf(session.Value)
		},
		Changes: func(r *http.Request) bool { return r.Header.Get("X-Role") == "admin" },
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/console/", http.StripPrefix("/console", h))
	// Output:
}

func tenantOf(session string) (string, error) { return session, nil }
