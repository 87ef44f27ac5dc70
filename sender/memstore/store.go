// Package memstore keeps a sender's subscriptions, events and deliveries in memory: for tests, and for programs that
// may lose what they had not yet sent. It is also the store to read before writing one: maps, slices and heaps under
// one mutex, a file for each noun.
//
// Nothing survives the process: Publish returning nil means durable for as long as the process lives. In every other
// respect the store behaves as [driver.Store] demands, and passes storetest.
//
// Each subscription has a lane: its deliveries that are due. Claim serves in turn the lanes that have something to
// give. What waits for a retry or is in flight stands in one heap of timers; each call first moves to its lane what
// has fallen due. What finished stays until Purge is asked to forget it.
//
// A claim costs what it takes, and a look at each subscription that its quota holds back. The length of a lane matters
// only as its logarithm. A list that names neither an event nor ids reads the log of its org until it has found enough.
// A waiting delivery takes about 350 bytes; its event takes about 400, and the body once. All of it is looked at by the
// garbage collector, and by Purge.
//
// The clock is [time.Now], so that a test inside testing/synctest can let days pass in no time.
package memstore

import (
	"context"
	"crypto/cipher"
	"fmt"
	"sync"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Store implements [driver.Store], [driver.Waiter], [driver.Counter] and [driver.Backlog]. Make one with [New]. All methods are safe for
// concurrent use.
type Store struct {
	started time.Time    // with its monotonic reading; see now
	cipher  cipher.Block // see idOf

	mu          sync.Mutex // guards all below; a call holds it from begin to end
	orgs        map[string]*org
	deliveries  map[string]*delivery // of all orgs, by id
	rotation    []*subscription      // those with something to claim; the first one is served next
	timers      queue                // deliveries that wait for a retry or are in flight
	lastNumber  uint64               // of a delivery or an event
	lastToken   uint64               // of a claim
	lastVersion int64                // of any subscription: one made anew never repeats a number

	news    bool          // this call made something due sooner than a sleeper could foresee
	rung    chan struct{} // closed to wake those who wait; see Wait
	unheard bool          // there was news, and nobody has returned from Wait since
}

var (
	_ driver.Store   = (*Store)(nil)
	_ driver.Waiter  = (*Store)(nil)
	_ driver.Counter = (*Store)(nil)
	_ driver.Backlog = (*Store)(nil)
)

// New returns an empty store.
func New() *Store {
	return &Store{
		started: time.Now(), cipher: newCipher(), rung: make(chan struct{}),
		orgs: map[string]*org{}, deliveries: map[string]*delivery{},
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

// end unlocks the store, and wakes those who wait if there is news.
func (s *Store) end() {
	if s.news {
		s.news, s.unheard = false, true
		s.ring()
	}
	s.mu.Unlock()
}

func notFound(what, org, id string) error {
	return fmt.Errorf("memstore: no %s %q in org %q: %w", what, id, org, driver.ErrNotFound)
}
