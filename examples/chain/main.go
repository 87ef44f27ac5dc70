// Command chain shows that nothing is lost, doubled or out of order between one database and another. An account
// service takes money from an account and publishes that in one transaction (account.go). A ledger receives it into
// its inbox, books it and publishes that, in one transaction (ledger.go). The account service receives that in turn:
//
//	database → webhook → database → webhook → database
//
// Both run in processes of their own, which are killed again and again, and so are their databases. When all transfers
// have come round, an audit reads the tables with plain SQL.
//
//	go run ./examples/chain -events 500 -kills 10
//	go run ./examples/chain -postgres postgres://user:password@host/database
//
// Without -postgres each service keeps a file of SQLite: to kill the service is to kill the database, often in the
// middle of a write. With it each has a database of its own on that server, made for the run and removed after it. All
// connections to one are ended at once, as if it had crashed; with -crash the server does crash.
//
// The last line is, for instance, "CHAIN events=500 kills=10 lost=0 doubled=0 disordered=0". The program exits with 0
// only if all three are 0 and the books balance to the cent.
package main

import (
	"context"
	"encoding/json"
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
	if text := os.Getenv(taskVariable); text != "" {
		os.Exit(serve(text))
	}
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// plan is what a run is to be.
type plan struct {
	events   int
	kills    int
	postgres string
	crash    bool
}

// run is the program: it returns the exit code, 1 where something failed, 2 where the command has to be changed.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	p, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(stderr, "chain:", err)
		return 2
	}
	found, err := play(ctx, p, stdout)
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "chain: interrupted")
		return 1
	case err != nil:
		fmt.Fprintln(stderr, "chain:", err)
		return 1
	case !found.clean():
		return 1
	}
	return 0
}

func parse(args []string, stderr io.Writer) (plan, error) {
	var p plan
	flags := flag.NewFlagSet("chain", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // an error is printed once, by run
	flags.Usage = func() {}
	flags.IntVar(&p.events, "events", 500, "so many transfers, each of which is two webhooks")
	flags.IntVar(&p.kills, "kills", 10, "so many kills, of services and databases")
	flags.StringVar(&p.postgres, "postgres", "", "`URL` of a server on which databases may be made; else SQLite")
	flags.BoolVar(&p.crash, "crash", false,
		"crash the whole server of -postgres, as a superuser, where connections are ended else; its chain.may_crash is on")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(stderr, "usage: chain [flags]")
		flags.SetOutput(stderr)
		flags.PrintDefaults()
		return p, err
	case err != nil:
		return p, fmt.Errorf("%w; see -h", err)
	case flags.NArg() > 0:
		return p, fmt.Errorf("unexpected argument %q: everything is a flag, see -h", flags.Arg(0))
	case p.events < 1:
		return p, fmt.Errorf("-events %d: must be 1 or more", p.events)
	case p.kills < 0:
		return p, fmt.Errorf("-kills %d: must not be negative", p.kills)
	case p.postgres != "" && !isPostgres(p.postgres): // it may hold a password, and is not quoted
		return p, errors.New("-postgres: must be postgres://user:password@host/database")
	case p.crash && p.postgres == "":
		return p, errors.New("-crash: needs -postgres; a file of SQLite dies with its service")
	}
	return p, nil
}

// taskVariable is in the environment of a process that is one of the services.
const taskVariable = "KIRIMHOOKS_CHAIN_TASK"

// serve is a service in a process of its own. It ends when its standard input does, and so never outlives its parent.
func serve(text string) int {
	signal.Ignore(os.Interrupt) // is for the parent
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	var t task
	err := json.Unmarshal([]byte(text), &t)
	if err == nil {
		err = work(ctx, t, os.Stderr)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "chain:", err)
		return 1
	}
	return 0
}
