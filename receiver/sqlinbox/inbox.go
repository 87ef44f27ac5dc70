package sqlinbox

import (
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/kirimhooks/kirimhooks/receiver"
)

// Inbox stores events and runs them. As a [receiver.EventHandler] it returns nil when the event is on disk, or was
// before; [Inbox.Run] then calls the handler. Safe for concurrent use.
type Inbox struct {
	flavor Flavor
	db     *database
	next   receiver.EventHandler
	cfg    Config
	gauge  gauge
	wake   chan struct{}                // something may be due
	lanes  chan struct{}                // something has arrived in a lane, or ended there
	ended  atomic.Pointer[func() error] // of the Run in progress: not nil if its context has
	ran    atomic.Bool                  // Run has been called
}

var _ receiver.EventHandler = (*Inbox)(nil)

// New returns an inbox in the host's own database, which it never closes. next runs from the table and may run again
// for the same event: see [Tx]. Call [Inbox.Migrate] before the first event. It returns an error that names everything
// wrong with cfg.
func New(db *sql.DB, f Flavor, next receiver.EventHandler, cfg Config) (*Inbox, error) {
	cfg = cfg.withDefaults()
	err := cfg.validate()
	if db == nil {
		err = errors.Join(errors.New("sqlinbox: db: a database is required"), err)
	}
	if next == nil {
		err = errors.Join(errors.New("sqlinbox: next: an EventHandler is required"), err)
	}
	t := f.traits()
	if t == nil {
		err = errors.Join(fmt.Errorf("sqlinbox: no flavor %v", f), err)
	}
	if nameErr := tableName(cfg.Table).check(f); nameErr != nil {
		err = errors.Join(err, fmt.Errorf("sqlinbox: Config.Table: %w", nameErr))
	}
	if err != nil {
		return nil, err
	}
	return &Inbox{
		flavor: f, db: newDatabase(db, t, tableName(cfg.Table)), next: next, cfg: cfg,
		wake: make(chan struct{}, 1), lanes: make(chan struct{}, 1),
	}, nil
}

// rouse tells Run that something may be due.
func (b *Inbox) rouse() { signal(b.wake) }

// rouseLane tells Run that something has arrived in a lane or ended there, if it is one.
func (b *Inbox) rouseLane(lane string) {
	if lane != "" {
		signal(b.lanes)
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
