// Package memstore keeps a sender's subscriptions, events and deliveries in memory: for tests, and for programs that may
// lose what they had not yet sent. It is also the store to read before writing one: maps, slices and heaps under one mutex,
// a file for each noun of [sender.Store].
//
// # What is promised
//
// Nothing survives the process. Publish returning nil means durable for as long as the process lives and no longer. In
// every other respect the store behaves as sender.Store demands, and passes storetest.
//
// # How it works
//
// Each subscription has a lane: its deliveries that are due. Claim serves in turn the lanes that have something to give,
// so that a long one keeps no other waiting. What waits for a retry or is in flight stands in one heap of timers. Each call
// first moves into their lanes the deliveries whose time has come. What finished stays until Purge is asked to forget it.
//
// # Cost
//
// A claim costs what it takes, and a look at each subscription that its quota holds back. How many deliveries a
// subscription has waiting matters only as their logarithm. A list that names neither an event nor ids reads the log of
// its org, newest first, until it has found enough. A waiting delivery takes about 400 bytes, and its event
// about 400 and the body, once.
//
// # Time
//
// The clock is [time.Now], so that a test inside testing/synctest can let days pass in no time.
package memstore

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

// Store implements [sender.Store], [sender.Waiter] and [sender.Counter]. Make one with [New]. All methods are safe for
// concurrent use.
type Store struct {
	started time.Time // with its monotonic reading; see now
	ids     ids

	mu          sync.Mutex // guards all below; a call holds it from begin to end
	orgs        map[string]*org
	deliveries  map[string]*delivery // of all orgs, by id
	rotation    []*subscription      // those with something to claim; the first one is served next
	timers      queue                // deliveries that wait for a retry or are in flight
	finished    []*delivery          // by the moment at which they finished
	orphans     orphans              // events without deliveries
	bell        bell                 // wakes Wait
	news        bool                 // this call made something due sooner than a sleeper could foresee
	lastNumber  uint64               // of a delivery
	lastToken   uint64               // of a claim
	lastVersion int64                // of any subscription: one made anew never repeats a number
}

var (
	_ sender.Store   = (*Store)(nil)
	_ sender.Waiter  = (*Store)(nil)
	_ sender.Counter = (*Store)(nil)
)

// New returns an empty store.
func New() *Store {
	return &Store{
		started:    time.Now(),
		ids:        newIDs(),
		orgs:       map[string]*org{},
		deliveries: map[string]*delivery{},
		bell:       bell{rung: make(chan struct{})},
	}
}

// now is the store's clock. It goes on from when the store was made: steps of the wall clock change nothing here.
func (s *Store) now() time.Time { return s.started.Round(0).UTC().Add(time.Since(s.started)) }

// begin locks the store and lets everything whose time has come fall due, unless ctx has ended.
func (s *Store) begin(ctx context.Context, doing string) (now time.Time, err error) {
	if err := ctx.Err(); err != nil {
		return time.Time{}, fmt.Errorf("memstore: %s: %w", doing, err)
	}
	s.mu.Lock()
	now = s.now()
	s.advance(now)
	return now, nil
}

// end unlocks the store, and wakes those who wait if this call has given them a reason.
func (s *Store) end() {
	if s.news {
		s.bell.ring()
	}
	s.news = false
	s.mu.Unlock()
}

func notFound(what, org, id string) error {
	return fmt.Errorf("memstore: no %s %q in org %q: %w", what, id, org, sender.ErrNotFound)
}
