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
	// Store keeps the claims. Share one between processes to guard all of them. Defaults to a Memory of 1,000,000 keys.
	Store Store
	// Prefix keeps two services on one store apart: at most 75 bytes of printable ASCII without ":" and "#". The store
	// sees Prefix + ":" + key, or Prefix + "#" + SHA-256 of a key that is over 255 bytes or not printable ASCII.
	// Defaults to none.
	Prefix string
	// Lease is how long a key stays claimed if its process dies. It is renewed, every third of it, while the function
	// runs. A Memory needs none. Defaults to 30 s.
	Lease time.Duration
	// TTL is how long a done key is remembered. It should exceed the time over which the sender retries. Defaults to 48 h.
	TTL time.Duration
	// Wait is how long a duplicate of a running key waits for its end; a nanosecond is as good as none. Defaults to 2 s.
	Wait time.Duration
	// StoreTimeout bounds each claim, renewal, release and commit. Defaults to 1 s.
	StoreTimeout time.Duration

	once     sync.Once
	resolved settings
	invalid  error
}

type settings struct {
	store                          Store
	memory                         *Memory // the store, if it is one
	lease, ttl, wait, storeTimeout time.Duration
}

// Do claims key, runs fn and commits. The package comment lists what it returns. Keys may be of any length and hold any
// bytes; an empty one is an error.
//
// fn runs on the caller's goroutine. Its context is ctx, and ends also when the lease is lost. If fn returns an error, that
// error is returned as it is and the key is freed; if it panics or calls [runtime.Goexit] the key is freed and the panic
// goes on. Should freeing fail, the key is claimed until its lease ends.
//
// If another holds the key, Do waits, up to Wait: it returns [ErrDuplicate] when the other commits and runs fn when it
// gives up.
func (g *Guard) Do(ctx context.Context, key string, fn func(context.Context) error) error {
	if err := g.Validate(); err != nil {
		return err
	}
	if key == "" {
		return errEmptyKey
	}
	c := g.claim(key)
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
		ttl:          orDefault("TTL", g.TTL, 48*time.Hour),
		wait:         orDefault("Wait", g.Wait, 2*time.Second),
		storeTimeout: orDefault("StoreTimeout", g.StoreTimeout, time.Second),
	}
	if g.resolved.store == nil {
		g.resolved.store = NewMemory(0)
	}
	g.resolved.memory, _ = g.resolved.store.(*Memory)
	g.invalid = errors.Join(complaints...)
}
