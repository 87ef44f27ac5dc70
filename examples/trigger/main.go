// Command trigger sends webhook events to an endpoint as kirim.dev or Kirisan would: through the real sender, over a
// store in memory. It prints each attempt as one line of JSON, and exits with 0 only if every event was delivered.
//
//	go run ./examples/trigger -url http://127.0.0.1:8080/webhooks -secret whsec_… -event contact.created
//	go run ./examples/trigger -url … -secret whsec_new… -secret whsec_old… -file body.json -schedule 1s,2s
//	go run ./examples/trigger -url … -dialect kirisan -secret … -event submission -device wa-1 -count 100 -concurrency 10
//
// Without -file it sends a built-in sample, under a new id each time. A file is a whole body of the dialect: every byte
// of it is sent, and its own id is the event's. With -count above 1 each body of Kirim's own gets a fresh id; one
// of Meta's has none to replace and goes out as the same event every time.
//
// With -live=false samples go out as tests, as from a dashboard. Besides public addresses only the loopback is
// reached, by http and on any port too.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program: it returns the exit code, 0 if all was delivered, 1 if not, 2 if the command has to be changed.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	err := trigger(ctx, args, stdout, stderr)
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return 0
	}
	fmt.Fprintln(stderr, "trigger:", err)
	if usage := (usageError{}); errors.As(err, &usage) {
		return 2
	}
	return 1
}

func trigger(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	source, err := newSource(o)
	if err != nil {
		return usageError{err}
	}
	return send(ctx, o, source, stdout, stderr)
}

// usageError is a fault of the command line, or of the file that it names.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }
