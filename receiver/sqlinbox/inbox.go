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
	keyed  bool // this process puts events into lanes
	gauge  gauge
	wake   chan struct{} // there is something to do
	runs   atomic.Bool   // Run is going on
}

var _ receiver.EventHandler = (*Inbox)(nil)

// New returns an inbox in the host's own database, which it never closes. next runs from the table and may run again
// for the same event: see [Tx]. Call [Inbox.Migrate] before the first event. It returns an error that names everything
// wrong with cfg.
func New(db *sql.DB, f Flavor, next receiver.EventHandler, cfg Config) (*Inbox, error) {
	keyed := cfg.Key != nil
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
	if err != nil {
		return nil, err
	}
	return &Inbox{
		flavor: f, db: newDatabase(db, t, tableName(cfg.Table)), next: next, cfg: cfg, keyed: keyed,
		wake: make(chan struct{}, 1),
	}, nil
}

// rouse tells Run that there may be something to do.
func (b *Inbox) rouse() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}
