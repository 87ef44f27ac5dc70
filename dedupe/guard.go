package dedupe

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Guard runs functions once per key. The zero Guard works, over a Memory of its own. Set the fields before the first Do
// and leave them; a Guard must not be copied after that. Safe for concurrent use.
type Guard struct {
	// Store keeps the claims. Share one between processes to guard all of them. Defaults to a Memory of 1,000,000 keys,
	// which are 125,000 events a day where each is remembered for 8 days.
	Store Store
	// Prefix keeps two services on one store apart: at most 75 bytes of printable ASCII without ":" and "#". The store
	// sees Prefix + ":" + key, or Prefix + "#" + SHA-256 of a key that is over 255 bytes or not printable ASCII.
	// Defaults to none.
	Prefix string
	// Lease is how long a key stays claimed if its process dies. It is renewed, every third of it, while the function
	// runs. Defaults to 30 s.
	Lease time.Duration
	// TTL is how long a done key is remembered, also where [Guard.DoFor] says otherwise. It should exceed the time over
	// which the sender retries. Defaults to what DoFor says, and to 48 h for Do.
	TTL time.Duration
	// Wait is how long a duplicate of a running key waits for its end; a nanosecond is as good as none. Defaults to 2 s.
	Wait time.Duration
	// StoreTimeout bounds each claim, renewal, release and commit. The last two also end by half a second after the
	// deadline of the caller's context, since somebody waits for the answer. Defaults to 1 s.
	StoreTimeout time.Duration

	once     sync.Once
	resolved settings
	invalid  error
}

type settings struct {
	store                          Store
	atOnce                         bool          // the store never waits
	lease, ttl, wait, storeTimeout time.Duration // ttl is 0 where the caller decides
}

const defaultTTL = 48 * time.Hour

// Do claims key, runs fn and commits. The package comment lists what it returns. Keys may be of any length and hold any
// bytes; an empty one is an error.
//
// fn runs on the caller's goroutine. Its context is ctx, and ends also when the lease is lost. If fn returns an error,
// that error is returned as it is and the key is freed. If it panics or calls [runtime.Goexit] the key is freed and the
// panic goes on. Should freeing fail, the key is claimed until its lease ends.
//
// If another holds the key, Do waits, up to Wait. It returns [ErrDuplicate] when the other commits and runs fn when it
// gives up.
func (g *Guard) Do(ctx context.Context, key string, fn func(context.Context) error) error {
	return g.DoFor(ctx, key, defaultTTL, fn)
}

// DoFor is [Guard.Do] for a key that shall be remembered for ttl. So one guard may serve senders that try for a day and
// others that do so for a week. A [Guard.TTL] that is set counts instead. A ttl that is not positive is an error.
func (g *Guard) DoFor(ctx context.Context, key string, ttl time.Duration, fn func(context.Context) error) error {
	if err := g.Validate(); err != nil {
		return err
	}
	if key == "" {
		return errEmptyKey
	}
	if ttl <= 0 {
		return fmt.Errorf("dedupe: ttl: %v is not positive", ttl)
	}
	c := g.claim(key, ttl)
	if err := c.take(ctx); err != nil {
		return err
	}
	return c.run(ctx, fn)
}

// Validate reports what is wrong with the fields, all of it. Do would answer the same for every key.
func (g *Guard) Validate() error {
	g.once.Do(g.resolve)
	return g.invalid
}

// resolve fills in the defaults, once, beside the fields: the caller may be reading those.
func (g *Guard) resolve() {
	var complaints []error
	orDefault := func(name string, d, preset time.Duration) time.Duration {
		if d < 0 {
			complaints = append(complaints, fmt.Errorf("dedupe: Guard.%s: %v is negative", name, d))
		}
		if d == 0 {
			return preset
		}
		return d
	}
	complaints = append(complaints, checkPrefix(g.Prefix))
	g.resolved = settings{
		store:        g.Store,
		lease:        orDefault("Lease", g.Lease, 30*time.Second),
		ttl:          orDefault("TTL", g.TTL, 0),
		wait:         orDefault("Wait", g.Wait, 2*time.Second),
		storeTimeout: orDefault("StoreTimeout", g.StoreTimeout, time.Second),
	}
	if g.resolved.store == nil {
		g.resolved.store = NewMemory(0)
	}
	_, g.resolved.atOnce = g.resolved.store.(*Memory)
	g.invalid = errors.Join(complaints...)
}
