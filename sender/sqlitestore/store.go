package sqlitestore

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Store implements [driver.Store], [driver.Waiter] and [driver.Counter]. Make one with [Open] or [New]. All methods are
// safe for concurrent use, in this process and in others that have the same file open.
type Store struct {
	cfg      Config
	writer   *sql.DB
	reader   *sql.DB
	borrowed bool          // the database is the host's: Close leaves it open
	file     file          // its file
	turn     chan struct{} // held by the goroutine that writes
	offset   atomic.Int64  // added to the clock; tests move it

	loading chan struct{} // held by the goroutine that makes the kit
	kit     atomic.Pointer[kit]

	records records
	bodies  bodies
	bell    bell
	busy    atomic.Bool  // the last claim found something
	clock   atomic.Int64 // the latest moment that the database is known to have; see clock.go
	cursor  lane         // where the next claim goes on; guarded by turn
}

var (
	_ driver.Store   = (*Store)(nil)
	_ driver.Waiter  = (*Store)(nil)
	_ driver.Counter = (*Store)(nil)
)

func newStore(writer, reader *sql.DB, cfg Config) *Store {
	return &Store{
		cfg: cfg, writer: writer, reader: reader,
		turn: make(chan struct{}, 1), loading: make(chan struct{}, 1),
		records: records{known: map[int64]knownRecord{}},
		bodies:  bodies{known: map[int64]*driver.StoredEvent{}},
		bell:    bell{rung: make(chan struct{}), next: never},
	}
}

// Close gives back what the store holds: its connections after [Open], its prepared statements after [New]. Calls that
// are under way end first or fail; what they acknowledged stays. Unfinished deliveries go on when the file is opened again.
func (s *Store) Close() error {
	var errs []error
	if k := s.kit.Load(); k != nil { // calls under way may still look into it
		for _, stmt := range k.stmts {
			errs = append(errs, stmt.Close())
		}
	}
	if !s.borrowed {
		errs = append(errs, s.reader.Close(), s.writer.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("sqlitestore: close: %w", err)
	}
	return nil
}

// now is the store's clock: that of the machine, which all processes that share the file are on.
func (s *Store) now() int64 { return time.Now().UnixNano() + s.offset.Load() }

// never is the end of time.
const never = math.MaxInt64

// after is t+d, at the end of time if that is past it.
func after(t int64, d time.Duration) int64 {
	if d > 0 && t > never-int64(d) {
		return never
	}
	return t + int64(max(d, 0))
}

// before is t-d, at the beginning of time if that is before it.
func before(t int64, d time.Duration) int64 {
	if d > 0 && t < math.MinInt64+int64(d) {
		return math.MinInt64
	}
	return t - int64(max(d, 0))
}

// instant is what the log shows for t.
func instant(t int64) time.Time { return time.Unix(0, t).UTC() }

func notFound(what, org, id string) error {
	return fmt.Errorf("sqlitestore: no %s %q in org %q: %w", what, id, org, driver.ErrNotFound)
}
