// Command receiver is an endpoint for the webhooks of kirim.dev and Kirisan. It verifies each request, keeps duplicates
// away, decodes the event and prints it as one line of JSON; logs go to stderr.
//
//	KIRIM_WEBHOOK_SECRETS=whsec_new,whsec_old KIRISAN_WEBHOOK_SECRET=… go run ./examples/receiver \
//		-addr 127.0.0.1:8080 -path /webhooks -fail 0 -slow 0s
//
// A dialect without a secret is not listened to. -fail and -slow let a sender show what it does about an endpoint in
// trouble.
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
	"strings"
	"syscall"
	"time"

	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/signature"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

type options struct {
	addr string
	path string
	fail int
	slow time.Duration
}

// run is the program: it returns the exit code, 2 where it was not started properly.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	opts, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	var dialects []receiver.Dialect
	if err == nil {
		dialects, err = dialectsFrom(getenv)
	}
	if err != nil {
		fmt.Fprintln(stderr, "receiver:", err)
		return 2
	}
	logger := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	events := rehearse(newMux(newPrinter(stdout)), opts.fail, opts.slow)
	handler, err := receiver.Handler(events, receiver.Config{Dialects: dialects, Logger: logger})
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 2
	}
	listener, err := net.Listen("tcp", opts.addr)
	if err != nil {
		fmt.Fprintf(stderr, "receiver: %v; give another -addr\n", err)
		return 1
	}
	fmt.Fprintf(stderr, "listening on http://%s\n", listener.Addr())
	if err := serve(ctx, listener, only(opts.path, handler), logger); err != nil {
		fmt.Fprintln(stderr, "receiver:", err)
		return 1
	}
	return 0
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("receiver", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // an error is printed once, by run
	flags.Usage = func() {}
	flags.StringVar(&o.addr, "addr", "127.0.0.1:8080", "`host:port` to listen on; port 0 picks one")
	flags.StringVar(&o.path, "path", "/webhooks", "`path` of the endpoint")
	flags.IntVar(&o.fail, "fail", 0, "fail the first `N` runs of each event with a 500")
	flags.DurationVar(&o.slow, "slow", 0, "let each run take this `long`, or until the deadline of its dialect")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintf(stderr, "usage: receiver [flags], with secrets in %s and %s\n", kirimVariable, kirisanVariable)
		flags.SetOutput(stderr)
		flags.PrintDefaults()
		return o, err
	case err != nil:
		return o, fmt.Errorf("%w; see -h", err)
	case flags.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q: everything is a flag, see -h", flags.Arg(0))
	case !strings.HasPrefix(o.path, "/"):
		return o, fmt.Errorf("-path %q: must begin with /", o.path)
	case o.fail < 0:
		return o, fmt.Errorf("-fail %d: must not be negative", o.fail)
	case o.slow < 0:
		return o, fmt.Errorf("-slow %v: must not be negative", o.slow)
	}
	return o, nil
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
