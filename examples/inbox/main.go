// Command inbox is an endpoint for the webhooks of kirim.dev and Kirisan that stores each verified event before it
// answers, and handles it from there: it prints one line of JSON; logs go to stderr. Events that were answered with 200
// are printed however slow that is, and however often the program is killed. A line may come twice: the program died
// between the line and its mark.
//
//	KIRIM_WEBHOOK_SECRETS=whsec_new,whsec_old KIRISAN_WEBHOOK_SECRET=… go run . \
//		-addr 127.0.0.1:8080 -path /webhooks -store sqlite:inbox.db -slow 0s -fail 0 -lanes -console 127.0.0.1:8081
//
// With -console a dashboard shows what waits, blocks and died; it is read-only unless -console-changes.
// A dialect without a secret is not listened to. Several processes may share a store.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
	"github.com/kirimhooks/kirimhooks/signature"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// run is the program: it returns the exit code, 2 where it was not started properly.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	opts, err := parse(args, stderr)
	if errors.Is(err, errHelp) {
		return 0
	}
	var dialects []receiver.Dialect
	if err == nil {
		dialects, err = dialectsFrom(getenv)
	}
	if err != nil {
		fmt.Fprintln(stderr, "inbox:", err)
		return 2
	}
	logger := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if err := work(ctx, opts, dialects, logger, stdout, stderr); err != nil {
		fmt.Fprintln(stderr, "inbox:", err)
		return 1
	}
	return 0
}

// waits are shorter than an inbox's own at first, since somebody is watching.
var waits = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute,
	30 * time.Minute, 2 * time.Hour, 6 * time.Hour,
}

// work receives and handles until ctx ends, and then handles what has begun.
func work(
	ctx context.Context, o options, dialects []receiver.Dialect, logger *slog.Logger, stdout, stderr io.Writer,
) error {
	db, err := o.store.open()
	if err != nil {
		return err
	}
	defer db.Close()
	cfg := sqlinbox.Config{Waits: waits, Lease: 5 * time.Second, Logger: logger}
	if o.lanes {
		cfg.Key = sqlinbox.ByConversation
	}
	inbox, err := sqlinbox.New(db, o.store.flavor, rehearse(newMux(newPrinter(stdout)), o.fail, o.slow), cfg)
	if err == nil {
		err = inbox.Migrate(ctx)
	}
	if err != nil {
		return err
	}
	handler, err := receiver.Handler(inbox, receiver.Config{Dialects: dialects, Logger: logger})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return fmt.Errorf("%w; give another -addr", err)
	}
	defer listener.Close()
	desk, pages, err := listenConsole(inbox, o, logger)
	if err != nil {
		return err
	}
	fmt.Fprintf(stderr, "listening on http://%s\n", listener.Addr())
	if desk != nil {
		fmt.Fprintf(stderr, "dashboard at http://%s/\n", desk.Addr())
	}

	return together(ctx, inbox.Run, // one that does not run would only fill
		func(ctx context.Context) error { return serve(ctx, listener, only(o.path, handler), logger) },
		func(ctx context.Context) error {
			if desk == nil {
				<-ctx.Done()
				return nil
			}
			return serve(ctx, desk, pages, logger)
		})
}

const (
	kirimVariable   = "KIRIM_WEBHOOK_SECRETS"
	kirisanVariable = "KIRISAN_WEBHOOK_SECRET"
)

// dialectsFrom returns a dialect for each variable that is set: one without a secret would let anybody in.
func dialectsFrom(getenv func(string) string) ([]receiver.Dialect, error) {
	var dialects []receiver.Dialect
	if list := getenv(kirimVariable); list != "" {
		keys, err := signature.ParseKeyring(list)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", kirimVariable, err)
		}
		dialects = append(dialects, receiver.Kirim(keys))
	}
	if secret := getenv(kirisanVariable); secret != "" {
		dialects = append(dialects, receiver.Kirisan(signature.NewKeyring(signature.NewSecret(secret))))
	}
	if len(dialects) == 0 {
		return nil, fmt.Errorf("no secret to verify with: set %s (several with commas between them), %s, or both",
			kirimVariable, kirisanVariable)
	}
	return dialects, nil
}
