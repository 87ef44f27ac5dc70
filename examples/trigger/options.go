package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/signature"
)

const (
	kirimDialect   = "kirim"
	kirisanDialect = "kirisan"
)

// maxSecrets is what one signature header of Kirim's has room for.
const maxSecrets = 15

type options struct {
	url         string
	secrets     []signature.Secret
	dialect     string
	event       string
	file        string
	source      envelope.Source
	device      string
	count       int
	concurrency int
	schedule    schedule
	live        bool
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := o.flags()
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(stderr, "usage: trigger -url URL -secret SECRET [flags]")
		flags.SetOutput(stderr)
		flags.PrintDefaults()
		return o, err
	case err != nil:
		return o, usageError{fmt.Errorf("%w; see -h", err)}
	case flags.NArg() > 0:
		return o, usageError{fmt.Errorf("unexpected argument %q: everything is a flag, and false is given as -live=false",
			flags.Arg(0))}
	}
	if err := o.validate(); err != nil {
		return o, usageError{err}
	}
	o.concurrency = min(o.concurrency, o.count)
	o.warn(stderr)
	return o, nil
}

// flags are those of the command, which set o when they are parsed.
func (o *options) flags() *flag.FlagSet {
	flags := flag.NewFlagSet("trigger", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // an error is printed once, by run
	flags.Usage = func() {}
	flags.StringVar(&o.url, "url", "", "`URL` of the endpoint; http and any port on the loopback, else https")
	flags.Func("secret", "`secret` that signs; repeat it and all of them do. Kirisan takes one or none",
		func(text string) error {
			// judged later: an error here would be printed with the secret
			o.secrets = append(o.secrets, signature.NewSecret(text))
			return nil
		})
	flags.StringVar(&o.dialect, "dialect", kirimDialect, "kirim or kirisan")
	flags.StringVar(&o.event, "event", "", "event `type`: of the sample, or where the body of -file shows none\n(default contact.created; message.received with -source meta, incoming_message with -dialect kirisan)")
	flags.StringVar(&o.file, "file", "", "`file` with a whole body to send as it is (default a built-in sample)")
	flags.StringVar((*string)(&o.source), "source", "", "meta or kirim (default the body's shape)")
	flags.StringVar(&o.device, "device", "", "device `id`, kirisan only (default the body's, device-1 for a sample)")
	flags.IntVar(&o.count, "count", 1, "how many events")
	flags.IntVar(&o.concurrency, "concurrency", 1, "most attempts at once")
	flags.Func("attempts", "most attempts of an event, a `number`; the last wait repeats (default one more than -schedule has waits)", func(text string) (err error) {
		if o.schedule.attempts, err = strconv.Atoi(text); err == nil && o.schedule.attempts < 1 {
			err = errors.New("must be at least 1")
		}
		return err
	})
	flags.Func("schedule", "`waits` between attempts, such as 1s,2s (default 1s where -attempts is given)",
		func(list string) (err error) {
			o.schedule.waits, err = parseWaits(list)
			return err
		})
	flags.BoolVar(&o.live, "live", true, "false sends samples as tests, once")
	return flags
}

// validate reports all complaints that need no look at the body.
func (o options) validate() error {
	var errs []error
	complain := func(bad bool, format string, args ...any) {
		if bad {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	kirim := o.dialect == kirimDialect
	complain(o.url == "", "-url: required, such as http://127.0.0.1:8080/webhooks")
	complain(!kirim && o.dialect != kirisanDialect, "-dialect %q: must be kirim or kirisan", o.dialect)
	complain(kirim && len(o.secrets) == 0, "-secret: required, since Kirim signs every request; use the one that the endpoint verifies with")
	complain(kirim && len(o.secrets) > maxSecrets, "-secret: given %d times, at most %d can sign at once", len(o.secrets),
		maxSecrets)
	complain(o.dialect == kirisanDialect && len(o.secrets) > 1, "-secret: given %d times, Kirisan has room for one",
		len(o.secrets))
	complain(o.source != "" && o.source != envelope.Meta && o.source != envelope.Kirim,
		"-source %q: must be meta or kirim", o.source)
	complain(o.source != "" && !kirim, "-source: for -dialect kirim only")
	complain(o.device != "" && kirim, "-device: for -dialect kirisan only")
	complain(o.count < 1, "-count %d: must be at least 1", o.count)
	complain(o.concurrency < 1, "-concurrency %d: must be at least 1", o.concurrency)
	complain(!o.live && o.file != "", "-live=false: a test sends a built-in sample; leave -file out")
	return errors.Join(errs...)
}

// warn tells of retries that will not be made.
func (o options) warn(stderr io.Writer) {
	if _, more := o.schedule.Wait(1); !more {
		return
	}
	switch {
	case !o.live:
		fmt.Fprintln(stderr, "trigger: a test is sent once; -attempts and -schedule change nothing")
	case o.dialect == kirisanDialect:
		fmt.Fprintln(stderr, "trigger: Kirisan sends each event once; -attempts and -schedule change nothing")
	}
}

func parseWaits(list string) ([]time.Duration, error) {
	var waits []time.Duration
	for item := range strings.SplitSeq(list, ",") {
		wait, err := time.ParseDuration(strings.TrimSpace(item))
		if err != nil || wait < 0 {
			return nil, fmt.Errorf("%q is no wait; write them as 500ms,1s,2m", item)
		}
		waits = append(waits, wait)
	}
	return waits, nil
}
