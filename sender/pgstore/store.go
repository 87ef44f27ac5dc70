package pgstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Config of a [Store]. The zero value works.
type Config struct {
	// Schema holds everything this package keeps: a lower-case name of letters, digits and underscores, at most 63 bytes.
	// It is also the name of the channel that wake-ups come on. Defaults to "kirimhooks".
	Schema string
	// Timeout bounds every call that has no sooner deadline, except Migrate, Wait and calls in a transaction of the host.
	// Defaults to 30 s.
	Timeout time.Duration
	// Listen says how to reach the server directly, for LISTEN, where the pool goes through a pooler in transaction mode.
	// Defaults to a connection taken from the pool.
	Listen *pgx.ConnConfig
	// AllowAsyncCommit accepts synchronous_commit = off: an event may then be lost in a crash of the server although its
	// Publish returned nil. Defaults to false, and calls fail.
	AllowAsyncCommit bool
}

var schemaName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`)

func (c Config) withDefaults() Config {
	c.Schema = cmp.Or(c.Schema, "kirimhooks")
	c.Timeout = cmp.Or(c.Timeout, 30*time.Second)
	return c
}

func (c Config) validate() error {
	var errs []error
	complain := func(wrong bool, format string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	complain(!schemaName.MatchString(c.Schema) || strings.HasPrefix(c.Schema, "pg_"),
		"Schema: %q is not a lower-case name of letters, digits and underscores, at most 63 bytes, without pg_ before", c.Schema)
	complain(c.Timeout < 0, "Timeout: %v is negative", c.Timeout)
	return errors.Join(errs...)
}

// Store keeps everything in one schema of a Postgres database. All methods may be called from many goroutines, and any
// number of processes may use one schema.
type Store struct {
	pool     *pgxpool.Pool
	cfg      Config
	sql      statements
	worker   int64 // this process, among those that sleep
	opening  sync.Mutex
	opened   atomic.Pointer[ids]
	records  cache[*driver.SubscriptionRecord]
	events   cache[*driver.StoredEvent]
	ring     ring
	listener listener
	settles  atomic.Int64
}

var (
	_ driver.Store   = (*Store)(nil)
	_ driver.Waiter  = (*Store)(nil)
	_ driver.Counter = (*Store)(nil)
)

// New returns a store that uses the host's pool. It does nothing yet: call Migrate before the first use, or apply
// [Schema] by other means. The pool stays the host's to close, after every call has returned.
func New(pool *pgxpool.Pool, cfg Config) (*Store, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("pgstore: config: %w", err)
	}
	if pool == nil {
		return nil, errors.New("pgstore: the pool is nil")
	}
	s := &Store{
		pool:    pool,
		cfg:     cfg,
		sql:     newStatements(cfg),
		worker:  rand.Int64()>>1 | 1,
		records: newRecords(),
		events:  newEvents(),
	}
	// Processes begin at different places of the ring, so that they do not contend for the same lanes.
	s.ring.cursor = rand.Int64() >> 1
	s.listener.init()
	return s, nil
}

// begin is the start of every call: its deadline, and on the first one a look at the database.
func (s *Store) begin(ctx context.Context) (context.Context, context.CancelFunc, *ids, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	ids, err := s.open(ctx)
	if err != nil {
		cancel()
		return nil, nil, nil, err
	}
	return ctx, cancel, ids, nil
}

// grace is how much longer than its context a call may take that leases. Cut short, it would leave deliveries leased that
// nobody knows of, and each of them late by a lease: at every shutdown, and for every caller of Publish that gives up.
const grace = time.Second

// patient begins a call that leases.
func (s *Store) patient(ctx context.Context) (context.Context, context.CancelFunc, *ids, error) {
	if ctx.Err() != nil {
		return nil, nil, nil, ctx.Err()
	}
	longer, cancel, ids, err := s.begin(context.WithoutCancel(ctx))
	if err != nil {
		return nil, nil, nil, err
	}
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-longer.Done():
		}
	})
	return longer, func() { stop(); cancel() }, ids, nil
}

// blame names the end of the context as the cause, where the patience after it ran out too.
func blame(ctx context.Context, err *error) {
	if *err != nil && ctx.Err() != nil && !errors.Is(*err, ctx.Err()) {
		*err = fmt.Errorf("%w: %w", ctx.Err(), *err)
	}
}

// open checks once that this store can keep its promises here, and fetches the key of the delivery ids.
func (s *Store) open(ctx context.Context) (*ids, error) {
	if ids := s.opened.Load(); ids != nil {
		return ids, ctx.Err()
	}
	s.opening.Lock()
	defer s.opening.Unlock()
	if ids := s.opened.Load(); ids != nil {
		return ids, ctx.Err()
	}
	var version int
	var key []byte
	var encoding, durable, isolation string
	// not what the session has at the moment: that may be of somebody else who shares the pool
	err := s.row(ctx, s.sql.in(`select version, key, pg_encoding_to_char(encoding),
			(select reset_val from pg_settings where name = 'synchronous_commit'),
			(select reset_val from pg_settings where name = 'default_transaction_isolation')
		from {schema}.meta, pg_database where datname = current_database()`), nil, &version, &key, &encoding, &durable, &isolation)
	switch {
	case isUndefined(err):
		return nil, fmt.Errorf("schema %q holds nothing of this package: call Migrate first: %w", s.cfg.Schema, err)
	case err != nil:
		return nil, err
	case version < SchemaVersion:
		return nil, fmt.Errorf("schema %q has version %d, this program needs %d: call Migrate first, or apply what SchemaFrom gives",
			s.cfg.Schema, version, SchemaVersion)
	case encoding != "UTF8":
		return nil, fmt.Errorf("the database is encoded in %s, which cannot hold every text: it must be UTF8", encoding)
	case durable == "off" && !s.cfg.AllowAsyncCommit:
		return nil, errors.New("synchronous_commit is off, so that what was published may be lost in a crash: set it to on for this role or database, or set Config.AllowAsyncCommit")
	case isolation != "read committed":
		return nil, fmt.Errorf("transactions of the pool are %s by default: set default_transaction_isolation to read committed for this role", isolation)
	}
	ids, err := newIDs(key)
	if err == nil {
		s.opened.Store(ids)
	}
	return ids, err
}

// wrap says where an error comes from.
func wrap(err *error, op string) {
	if *err != nil {
		*err = fmt.Errorf("pgstore: %s: %w", op, *err)
	}
}

func notFound(what, org, id string) error {
	return fmt.Errorf("%s %q of org %q: %w", what, id, org, driver.ErrNotFound)
}
