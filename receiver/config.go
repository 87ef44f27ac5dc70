package receiver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/dedupe"
)

// Config says what [Handler] accepts and how. All fields but Dialects may be left zero.
type Config struct {
	// Dialects are the senders that are listened to; a request of any other is refused. Required.
	Dialects []Dialect
	// Dedupe keeps an event from running twice, for as long as [Dialect.Remember] says unless [dedupe.Guard.TTL] is
	// set. Several handlers may share a Guard. Give one with a shared store where several processes receive, or where
	// events must not run twice across a restart. Defaults to a new zero [dedupe.Guard], which remembers in this
	// process's memory only.
	Dedupe *dedupe.Guard
	// MaxBody is the largest body in bytes. Defaults to 4 MiB: some senders go up to 3 MB.
	MaxBody int64
	// MaxUnverified is how many bytes of bodies over 64 KiB may be kept at once, over all requests, before it is known
	// who sent them. A body that finds no room for a second is answered with 503; smaller ones need none. Defaults to
	// 16 times MaxBody.
	MaxUnverified int64
	// ReadTimeout is how long a body may take to arrive. It replaces what is left of [http.Server.ReadTimeout] for
	// the request; a negative value leaves the server's in charge. It has no effect below a ResponseWriter that does
	// not support read deadlines. Defaults to 5 s.
	ReadTimeout time.Duration
	// Logger gets one Debug record per request, Warn for events that failed and for store outages, Error with the stack
	// for panics. Of refused requests it gets a Warn too: for each dialect, status and reason one at once, and then one
	// a minute at most, with their number. The next request brings the last number, whatever becomes of it. Records
	// hold no body, secret or header's value, other than ids, but what the handler's own errors and panics say.
	// Defaults to [slog.Default].
	Logger *slog.Logger
	// Hooks observe. Defaults to none.
	Hooks Hooks
}

// Hooks observe what the handler does. Each is optional, is called on the request's goroutine before the answer is
// written, and must be safe for concurrent use. A panic in one is logged and changes nothing.
type Hooks struct {
	// Rejected is called for every request that did not become an event. err is a *[Rejection] that wraps the reason.
	// dialect is empty where the request did not show which one it meant. Defaults to none.
	Rejected func(ctx context.Context, dialect string, err error)
	// Duplicate is called for an event that was handled before and is answered with 200 without running. Defaults to
	// none.
	Duplicate func(ctx context.Context, ev *Event)
	// StoreFailed is called when the dedupe store failed, or had given the event to somebody else meanwhile, before
	// or after the handler ran. Defaults to none.
	StoreFailed func(ctx context.Context, ev *Event, err error)
	// Handled is called after every run of the handler, whatever came of it, when the event has been committed or
	// released. Defaults to none.
	Handled func(ctx context.Context, ev *Event, o Outcome)
}

func (c Config) withDefaults() Config {
	c.MaxBody = min(cmp.Or(c.MaxBody, 4<<20), 1<<40) // more is as good as no limit, and does not fit
	c.MaxUnverified = cmp.Or(c.MaxUnverified, 16*c.MaxBody)
	c.ReadTimeout = cmp.Or(c.ReadTimeout, 5*time.Second)
	if c.Dedupe == nil {
		c.Dedupe = new(dedupe.Guard)
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	c.Dialects = slices.Clone(c.Dialects)
	for i := range c.Dialects {
		c.Dialects[i] = c.Dialects[i].withDefaults()
	}
	return c
}

func (c Config) validate() error {
	var errs []error
	if len(c.Dialects) == 0 {
		errs = append(errs, errors.New("receiver: Config.Dialects: at least one is required"))
	}
	if c.MaxBody < 0 {
		errs = append(errs, fmt.Errorf("receiver: Config.MaxBody: %d is negative; a body without a limit is not offered",
			c.MaxBody))
	} else if c.MaxUnverified < c.MaxBody {
		errs = append(errs, fmt.Errorf("receiver: Config.MaxUnverified: %d has no room for one body of %d bytes",
			c.MaxUnverified, c.MaxBody))
	}
	if err := c.Dedupe.Validate(); err != nil {
		errs = append(errs, fmt.Errorf("receiver: Config.Dedupe: %w", bare(err)))
	}
	for i := range c.Dialects {
		d := &c.Dialects[i]
		errs = append(errs, d.validate())
		for j := range c.Dialects[:i] {
			errs = append(errs, d.conflict(&c.Dialects[j]))
		}
	}
	return errors.Join(errs...)
}
