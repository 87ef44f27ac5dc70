package sender_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// Measure how far delivery is behind, for an alert.
func ExampleSender_Health() {
	s, err := sender.New(memstore.New(), sender.Config{})
	if err != nil {
		log.Fatal(err)
	}
	c, err := s.Health(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.OldestDue, c.Running)
	// Output: 0s false
}

// Serve what Kubernetes asks, on a port that only it can reach.
func ExampleSender_Ready() {
	s, err := sender.New(memstore.New(), sender.Config{})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", s.Live())
	mux.Handle("GET /readyz", s.Ready())

	rec := httptest.NewRecorder()
	mux.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/healthz", nil))
	fmt.Print(rec.Code, " ", rec.Body)
	// Output: 200 {"run":"not started"}
}
