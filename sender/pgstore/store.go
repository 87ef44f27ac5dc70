package pgstore

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Store keeps everything in one schema of a Postgres database. All methods may be called from many goroutines, and any
// number of processes may use one schema.
type Store struct {
	pool     *pgxpool.Pool
	cfg      Config
	sql      statements
	process  int64 // this one, among those that sleep
	opening  sync.Mutex
	opened   atomic.Pointer[ids]
	records  cache[*driver.SubscriptionRecord]
	events   cache[*driver.StoredEvent]
	round    round
	listener listener
	settles  atomic.Int64
}

var (
	_ driver.Store   = (*Store)(nil)
	_ driver.Waiter  = (*Store)(nil)
	_ driver.Counter = (*Store)(nil)
	_ driver.Backlog = (*Store)(nil)
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
		process: rand.Int64()>>1 | 1,
		records: newRecords(),
		events:  newEvents(),
	}
	s.round.cursor = rand.Int64() >> 1 // processes that begin apart do not contend for the same lanes
	s.listener.init()
	return s, nil
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
