package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"
)

var errHelp = flag.ErrHelp

type options struct {
	addr  string
	path  string
	store store
	slow  time.Duration
	fail  int
	lanes bool

	console string // address; "" for none
	changes bool
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("inbox", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // an error is printed once, by run
	flags.Usage = func() {}
	flags.StringVar(&o.addr, "addr", "127.0.0.1:8080", "`host:port` to listen on; port 0 picks one")
	flags.StringVar(&o.path, "path", "/webhooks", "`path` of the endpoint")
	flags.DurationVar(&o.slow, "slow", 0, "let each run take this `long`")
	flags.IntVar(&o.fail, "fail", 0, "fail the first `N` runs of each event in this process")
	flags.BoolVar(&o.lanes, "lanes", false, "handle the events of one conversation one at a time, in order of arrival")
	flags.StringVar(&o.console, "console", "",
		"`host:port` of a dashboard; it asks for no password, so keep it on this machine")
	flags.BoolVar(&o.changes, "console-changes", false, "let the dashboard replay, retry and cancel")
	spec := flags.String("store", "sqlite:inbox.db", "`sqlite:FILE`, postgres://… or mysql://…/database")
	err := flags.Parse(args)
	if err == errHelp {
		fmt.Fprintf(stderr, "usage: inbox [flags], with secrets in %s and %s\n", kirimVariable, kirisanVariable)
		flags.SetOutput(stderr)
		flags.PrintDefaults()
		return o, err
	}
	switch {
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
	if o.changes && o.console == "" {
		return o, errors.New("-console-changes: needs -console")
	}
	o.store, err = parseStore(*spec)
	return o, err
}
