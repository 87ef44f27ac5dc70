// Package memstore keeps a sender's subscriptions, events and deliveries in memory: for tests, for programs that may
// lose what they had not yet sent, and as the measure of speed for stores that may not.
//
// # What is promised
//
// Nothing survives the process. Publish returning nil means durable for as long as the process lives and no longer. In
// every other respect the store behaves as driver.Store demands, and passes storetest.
//
// # Cost
//
// A claim costs what it takes, whatever is waiting: each subscription has a lane of its own, only lanes with work that
// is due stand in the ring that Claim serves, and retries and leases wait in one heap of timers. Deliveries (88 bytes),
// events (104 bytes and their body, once) and attempts (48 bytes) are records without a pointer, so that a million of
// them cost the garbage collector next to nothing. Finished deliveries stay, as in every store, until Purge is asked to
// forget them.
//
// # Time
//
// The clock is [time.Now], so that a test inside testing/synctest can let days pass in no time.
package memstore

import (
	"context"
	"fmt"
	"hash/maphash"
	"math"
	"sync"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Store implements [driver.Store], [driver.Waiter] and [driver.Counter]. Make one with [New]. All methods are safe for
// concurrent use.
type Store struct {
	epoch time.Time // with its monotonic reading: steps of the wall clock change nothing here

	mu            sync.Mutex // guards all below; held for the work of one batch
	orgs          map[string]*org
	tenants       slab[*org] // the same, by reference
	bytes         arena
	seed          maphash.Seed
	hashMask      uint64 // all ones, except in tests
	events        slab[event]
	subscriptions slab[*subscription]
	deliveries    slab[delivery]
	attempts      slab[attempt]
	replays       replays
	texts         texts
	ids           ids
	timers        timers
	ring          ring
	finished      list    // deliveries, by the moment they finished
	orphans       orphans // events without deliveries
	bell          bell    // wakes Wait
	tokens        uint64  // last token given out
	turns         uint64  // last turn begun; see turn
	matches       uint64  // last match begun; see match
	versions      int64   // last version of any subscription: one made anew never repeats a number
}

var (
	_ driver.Store   = (*Store)(nil)
	_ driver.Waiter  = (*Store)(nil)
	_ driver.Counter = (*Store)(nil)
)

// New returns an empty store.
func New() *Store {
	return &Store{
		epoch:    time.Now(),
		orgs:     map[string]*org{},
		seed:     maphash.MakeSeed(),
		hashMask: math.MaxUint64,
		replays:  replays{origin: map[uint32]mark{}, of: map[lineage][]uint32{}},
		texts:    texts{refs: map[string]uint32{}},
		ids:      newIDs(),
		bell:     bell{rung: make(chan struct{})},
	}
}

// org is one tenant. Everything that a method of another tenant must not see hangs below it.
type org struct {
	name          string
	ref           uint32
	subscriptions map[string]*subscription
	topics        topics
	events        identities
	newest        uint32 // its latest delivery; delivery.older leads on
	dead          int    // deliveries in StateDead
	minutes       minutes
}

// org returns the tenant. One that is not known yet is kept only once something is put into it: see keep.
func (s *Store) org(name string) *org {
	if o := s.orgs[name]; o != nil {
		return o
	}
	return &org{name: name, subscriptions: map[string]*subscription{}, topics: topics{}, events: identities{}}
}

// keep remembers an org for as long as it has subscriptions or events.
func (s *Store) keep(o *org) {
	switch empty := len(o.subscriptions) == 0 && len(o.events) == 0; {
	case !empty && o.ref == 0:
		o.ref = s.tenants.add()
		*s.tenants.at(o.ref) = o
		s.orgs[o.name] = o
	case empty && o.ref != 0:
		s.tenants.remove(o.ref)
		o.ref = 0
		delete(s.orgs, o.name)
	}
}

// now is the store's clock: nanoseconds since it was made.
func (s *Store) now() int64 { return int64(time.Since(s.epoch)) }

// instant is what the log shows for t.
func (s *Store) instant(t int64) time.Time { return s.epoch.Round(0).UTC().Add(time.Duration(t)) }

// after is t+d, at the end of time if that is past it.
func after(t int64, d time.Duration) int64 {
	if d > 0 && t > math.MaxInt64-int64(d) {
		return math.MaxInt64
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

// begin locks the store and lets everything whose time has come fall due, unless ctx has ended.
func (s *Store) begin(ctx context.Context, doing string) (now int64, err error) {
	if err := ctx.Err(); err != nil {
		return 0, fmt.Errorf("memstore: %s: %w", doing, err)
	}
	s.mu.Lock()
	now = s.now()
	s.advance(now)
	return now, nil
}

func notFound(what, org, id string) error {
	return fmt.Errorf("memstore: no %s %q in org %q: %w", what, id, org, driver.ErrNotFound)
}
