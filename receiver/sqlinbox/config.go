package sqlinbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/receiver"
)

// Config tunes an [Inbox]. The zero Config works.
type Config struct {
	// Key names the lane of an event: events of one lane run one at a time in order of arrival, lanes run side by side.
	// "" is no lane: the event waits for no other. [ByConversation] is ready-made. It is called once per event, before
	// that is stored, must be safe for concurrent use, and must not keep the event. Defaults to no lanes.
	Key func(ev *receiver.Event) string
	// Workers is how many handlers this process runs at once. Each may hold a connection of the pool, which should
	// allow a few more. Defaults to 16.
	Workers int
	// Waits are the pauses after each failed run of an event; each is stretched by up to a fifth at random. When they
	// are used up the event is dead, and at once after [receiver.Permanent] or a final 4xx of an endpoint below
	// [receiver.HTTP]. [receiver.RetryAfter] makes a pause longer, up to a day. At most 1,000. An empty list that is
	// not nil makes the first failure the last. Defaults to 5 s, 30 s, 2 m, 10 m, 30 m, 2 h, 6 h, 15 h: nine runs in
	// about a day.
	Waits []time.Duration
	// SkipAfter is how long after its first run an event may hold up its lane by failing: a wait that would end later
	// is cut short, and a failure from then on is the last. Defaults to none: the schedule decides.
	SkipAfter time.Duration
	// Lease is how long an event stays with a process that vanished. It is renewed, every third of it, while the
	// handler runs, however long that takes. At least 100 ms. Defaults to 30 s.
	Lease time.Duration
	// PollInterval is the longest this process goes without asking for events that another process stored, or for those
	// of one that vanished; it learns of its own at once. Defaults to 500 ms.
	PollInterval time.Duration
	// ShutdownTimeout is how long Run waits for handlers when its context has ended; then their contexts end. Defaults
	// to 30 s.
	ShutdownTimeout time.Duration
	// Retention is how long an event that was handled or cancelled is kept, and with it the memory that it came before.
	// It must exceed the time over which the sender retries, which is 7 days for Meta. Defaults to 9 days.
	Retention time.Duration
	// DeadRetention is how long a dead letter is kept. Defaults to 30 days.
	DeadRetention time.Duration
	// MaxWaiting is how many unfinished events the inbox takes, counted about once a second: the next ones are refused
	// with 503 and Retry-After, so that the sender keeps them. A sender that never retries, as Kirisan, loses what is
	// refused: negative is no limit. Defaults to 1,000,000.
	MaxWaiting int
	// MayLoseCommits takes a database whose commits need not be on disk, where a crash may undo what was acknowledged.
	// Defaults to false: such a database is refused.
	MayLoseCommits bool
	// Table is the name of the table; a second one has "_meta" after it. Up to 40 letters, digits and '_', perhaps with
	// a schema and a dot before, but not in SQLite. Inboxes with different handlers on one database need a table each.
	// Defaults to "kirimhooks_inbox".
	Table string
	// Logger gets Debug for each run, Warn for failed ones, Error for dead letters and panics, Info for what a shutdown
	// waits for. Never a body; but what a handler's error says is logged, and stored, as it says it. Defaults to
	// [slog.Default].
	Logger *slog.Logger
	// Hooks observe. Defaults to none.
	Hooks Hooks
}

// Hooks observe what an [Inbox] does. Each is optional, must be safe for concurrent use, and should return at once. A
// panic in one is logged and changes nothing.
type Hooks struct {
	// Stored is called for each event that was stored.
	Stored func(ctx context.Context, ev *receiver.Event)
	// Duplicate is called for each event that was stored before.
	Duplicate func(ctx context.Context, ev *receiver.Event)
	// Ran is called after each run of the handler, when what came of it is written.
	Ran func(ctx context.Context, ev *receiver.Event, o Outcome)
	// StoreFailed is called for each call of the database that failed. The inbox tries again.
	StoreFailed func(ctx context.Context, op string, err error)
}

// Outcome is what came of one run of the handler.
type Outcome struct {
	ID    int64  // of the event in the inbox
	Lane  string // "" for none
	State State  // Done, Dead, or Waiting for another run
	// Err is the handler's error, nil on success; or why what it did was not committed, such as [ErrLeaseLost].
	Err  error
	Took time.Duration // of the handler alone
	Wait time.Duration // until the next run, if there is one; the lane may make it longer
}

const defaultTable = "kirimhooks_inbox"

func orDefault(table string) string { return cmp.Or(table, defaultTable) }

var defaultWaits = []time.Duration{
	5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute,
	2 * time.Hour, 6 * time.Hour, 15 * time.Hour,
}

const day = 24 * time.Hour

func (c Config) withDefaults() Config {
	if c.Key == nil {
		c.Key = func(*receiver.Event) string { return "" }
	}
	if c.Waits == nil {
		c.Waits = defaultWaits
	}
	c.Waits = slices.Clone(c.Waits)
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	c.Workers = cmp.Or(c.Workers, 16)
	c.Lease = cmp.Or(c.Lease, 30*time.Second)
	c.PollInterval = cmp.Or(c.PollInterval, 500*time.Millisecond)
	c.ShutdownTimeout = cmp.Or(c.ShutdownTimeout, 30*time.Second)
	c.Retention = cmp.Or(c.Retention, 9*day)
	c.DeadRetention = cmp.Or(c.DeadRetention, 30*day)
	c.MaxWaiting = cmp.Or(c.MaxWaiting, 1_000_000)
	c.Table = orDefault(c.Table)
	return c
}

const maxWaits = 1000

func (c Config) validate() error {
	var errs []error
	complain := func(wrong bool, format string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf("sqlinbox: Config."+format, args...))
		}
	}
	complain(c.Workers < 0, "Workers: %d is negative", c.Workers)
	complain(len(c.Waits) > maxWaits, "Waits: %d of them, at most %d", len(c.Waits), maxWaits)
	for i, wait := range c.Waits {
		complain(wait <= 0, "Waits: number %d, %v, is not positive", i, wait)
	}
	complain(c.SkipAfter < 0, "SkipAfter: %v is negative", c.SkipAfter)
	complain(c.Lease < 100*time.Millisecond, "Lease: %v is less than 100ms", c.Lease)
	complain(c.PollInterval < 0, "PollInterval: %v is negative", c.PollInterval)
	complain(c.ShutdownTimeout < 0, "ShutdownTimeout: %v is negative", c.ShutdownTimeout)
	complain(c.Retention < 0, "Retention: %v is negative", c.Retention)
	complain(c.DeadRetention < 0, "DeadRetention: %v is negative", c.DeadRetention)
	return errors.Join(errs...)
}
