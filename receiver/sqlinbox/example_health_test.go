package sqlinbox_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

// Measure how far handling is behind, for an alert.
func ExampleInbox_Health() {
	var inbox *sqlinbox.Inbox // from New
	if inbox == nil {
		return
	}
	c, err := inbox.Health(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.OldestDue, c.Running)
}

// Serve what Kubernetes asks, on a port that only it can reach.
func ExampleInbox_Ready() {
	var inbox *sqlinbox.Inbox // from New
	if inbox == nil {
		return
	}
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", inbox.Live())
	mux.Handle("GET /readyz", inbox.Ready())
}
