package sqlitestore

import (
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Store implements [driver.Store], [driver.Waiter], [driver.Counter] and [driver.Backlog]. Make one with [Open] or [New]. All methods are
// safe for concurrent use, in this process and in others that have the same file open.
type Store struct {
	cfg      Config
	writer   *sql.DB
	reader   *sql.DB
	borrowed bool          // the database is the host's: Close leaves it open
	file     file          // its file
	writing  chan struct{} // held by the goroutine that writes
	offset   atomic.Int64  // added to the clock; tests move it

	ids        atomic.Pointer[idCipher]
	statements statements
	records    records
	events     eventCache
	wakeup     wakeup
	latest     atomic.Int64 // the latest moment that the database is known to have; see clock.go
	cursor     lane         // where the next claim goes on; guarded by writing
}

var (
	_ driver.Store   = (*Store)(nil)
	_ driver.Waiter  = (*Store)(nil)
	_ driver.Counter = (*Store)(nil)
	_ driver.Backlog = (*Store)(nil)
)

func newStore(writer, reader *sql.DB, cfg Config) *Store {
	return &Store{
		cfg: cfg, writer: writer, reader: reader, writing: make(chan struct{}, 1),
		events: eventCache{known: map[int64]*driver.StoredEvent{}},
		wakeup: wakeup{rung: make(chan struct{}), next: never},
	}
}

// Close gives back what the store holds: its connections after [Open], its prepared statements after [New]. Calls that
// are under way end first or fail. What they acknowledged stays, and unfinished deliveries go on when the file is
// opened again.
func (s *Store) Close() error {
	errs := []error{s.statements.close()}
	if !s.borrowed {
		errs = append(errs, s.reader.Close(), s.writer.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("sqlitestore: close: %w", err)
	}
	return nil
}
