// Command platform is a backend that sends webhooks: a JSON API after kirim.dev's own
// (https://developers.kirim.chat/webhooks/overview) around package sender. Organisations subscribe URLs, events are
// published, and this program delivers them, with retries, dead letters, replay and rotating secrets. A dashboard at
// /console/ shows what became of them.
//
//	go run . -addr 127.0.0.1:8080 -store sqlite:platform.db -allow-private -schedule 1s,2s
//	go run . -sample    # one event to look at in the dashboard
//
// It knows nobody: whoever reaches it may do everything in the organisation that the header X-Org names. A host that
// authenticates, and sets that header itself, belongs before it.
//
// Any number of processes may share one Postgres, or one SQLite file; start them with the same contracts. SIGTERM or an
// interrupt ends it gently: no request is taken any more, attempts in flight finish, and their outcomes are written.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/kirimhooks/kirimhooks/sender"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stderr))
}

// run is the program: it returns the exit code, 1 where something failed, 2 where the command has to be changed.
func run(ctx context.Context, args []string, stderr io.Writer) int {
	o, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(stderr, "platform:", err)
		return 2
	}
	if err := platform(ctx, o, stderr); err != nil {
		fmt.Fprintln(stderr, "platform:", err)
		return 1
	}
	return 0
}

func platform(ctx context.Context, o options, stderr io.Writer) (err error) {
	// What the store is has to be ready before anybody is told the address.
	store, closeStore, err := o.open(ctx)
	if err != nil {
		return fmt.Errorf("-store: %w", err)
	}
	defer func() { err = errors.Join(err, closeStore()) }()
	logger := slog.New(slog.NewTextHandler(stderr, nil))
	s, err := sender.New(store, sender.Config{Contracts: o.contracts, AllowPrivate: o.allow, Logger: logger})
	if err != nil {
		return err
	}
	handler, err := withConsole(newAPI(s, o.contracts, logger), s, o, logger)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return fmt.Errorf("%w; give another -addr", err)
	}
	fmt.Fprintf(stderr, "listening on http://%s\n", listener.Addr())
	if o.said != "" {
		fmt.Fprintln(stderr, o.said)
	}
	if o.sample {
		handler = withSample(handler)
		if err := publishSample(ctx, s, listener.Addr()); err != nil {
			return errors.Join(fmt.Errorf("-sample: %w", err), listener.Close())
		}
		fmt.Fprintf(stderr, "a sample event was published: look at http://%s/console/\n", listener.Addr())
	}
	return serve(ctx, listener, handler, s, logger)
}
