package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

type options struct {
	addr      string
	open      opener
	allow     []netip.Prefix
	contracts []sender.Contract
	consoles  []string // the paths of the dashboard, without a final slash
	// consoleChanges lets its visitors change things.
	consoleChanges bool
	// sample has the program publish an event to an endpoint of its own.
	sample bool
	// said is what to tell whoever starts it, once it listens; "" for nothing.
	said string
}

// opener makes a store ready for use. close ends it, once nothing uses it any more.
type opener func(context.Context) (s sender.Store, close func() error, err error)

// private are the addresses that -allow-private opens. Link-local ones stay closed: in a cloud one of them hands out
// the machine's credentials.
var private = []string{"127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	var store, contracts, schedule, console string
	var allowPrivate bool
	flags := flag.NewFlagSet("platform", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // an error is printed once, by run
	flags.Usage = func() {}
	flags.StringVar(&o.addr, "addr", "127.0.0.1:8080", "`host:port` to listen on; port 0 picks one")
	flags.StringVar(&store, "store", defaultStore, "where all is kept: memory, sqlite:`FILE` or postgres://…")
	flags.BoolVar(&allowPrivate, "allow-private", false,
		"let subscriptions use http, any port, loopback and private addresses")
	flags.StringVar(&schedule, "schedule", "",
		"`waits` between attempts, 1s,2s,…, of contracts that retry; without it the contract's own")
	flags.StringVar(&contracts, "contract", "kirim",
		"kirim, kirisan, or both with a comma between: the first is the one of a subscription that names none")
	flags.StringVar(&console, "console-prefix", "", "`path` of the dashboard, besides /console/")
	flags.BoolVar(&o.consoleChanges, "console-changes", false, "let visitors of the dashboard change things")
	flags.BoolVar(&o.sample, "sample", false,
		"publish one event at start, to an endpoint of this program; opens loopback addresses to subscriptions")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(stderr, "usage: platform [flags]")
		flags.SetOutput(stderr)
		flags.PrintDefaults()
		return o, err
	case err != nil:
		return o, fmt.Errorf("%w; see -h", err)
	case flags.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q: everything is a flag, see -h", flags.Arg(0))
	}
	if allowPrivate {
		for _, prefix := range private {
			o.allow = append(o.allow, netip.MustParsePrefix(prefix))
		}
	}
	if o.sample {
		o.allow = append(o.allow, loopback...)
	}
	if store == defaultStore {
		o.said = "all is kept in platform.db, in this directory; delete it to start anew, or give another -store"
	}
	var errs [5]error
	var waits sender.Waits
	o.open, errs[0] = parseStore(store)
	waits, errs[1] = parseWaits(schedule)
	o.contracts, errs[2] = parseContracts(contracts, waits)
	o.consoles, errs[3] = parseConsoles(console)
	errs[4] = o.checkSample()
	return o, errors.Join(errs[:]...)
}

// parseContracts replaces the schedule of contracts that retry, if there are waits: these are then taken as they stand,
// without jitter.
func parseContracts(list string, waits sender.Waits) ([]sender.Contract, error) {
	var all []sender.Contract
	for name := range strings.SplitSeq(list, ",") {
		var c sender.Contract
		switch name {
		case "kirim":
			c = sender.Kirim()
			if waits != nil {
				c.Schedule, c.Jitter = waits, -1
			}
		case "kirisan":
			c = sender.Kirisan() // never retries
		default:
			return nil, fmt.Errorf("-contract %q: must be kirim, kirisan, or both with a comma between", list)
		}
		if slices.ContainsFunc(all, func(other sender.Contract) bool { return other.Name == name }) {
			return nil, fmt.Errorf("-contract %q: %s stands twice", list, name)
		}
		all = append(all, c)
	}
	return all, nil
}

func parseWaits(list string) (sender.Waits, error) {
	if list == "" {
		return nil, nil
	}
	var waits sender.Waits
	for text := range strings.SplitSeq(list, ",") {
		wait, err := time.ParseDuration(strings.TrimSpace(text))
		if err != nil || wait < 0 {
			return nil, fmt.Errorf("-schedule %q: %q is no wait; write 1s,2s,1m", list, text)
		}
		waits = append(waits, wait)
	}
	return waits, nil
}
