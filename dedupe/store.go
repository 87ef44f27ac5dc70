package dedupe

import (
	"context"
	"strconv"
	"time"
)

// Store keeps claims. Implement it from this comment and pass package dedupetest.
//
// A key is free, running (a token holds it until its lease ends) or done (until its ttl ends). One clock, the store's
// own, decides when leases and ttls end; only durations are passed.
//
// From a [Guard], keys are 1 to 331 bytes of printable ASCII (0x20 to 0x7e). All bytes of a key count: case, blanks at
// the end, and characters that are special in patterns. Tokens are 26 letters and digits with at least 128 random bits,
// never used twice. Leases and ttls are positive and may be shorter than the store's resolution: round up.
//
// All methods are safe for concurrent use by many processes and return soon after ctx ends. With a ctx that has ended
// before the call they return an error and change nothing.
type Store interface {
	// Claim takes key for token for lease, atomically: of any number of concurrent claims of a free key one wins.
	//
	// Claimed: the key was free, or its lease or ttl had run out, or token itself holds it (a renewal: the lease starts
	// anew). Running: another token holds it, and left is what remains of its lease. Done: it was committed, by
	// whichever token. left is 0 but for Running.
	Claim(ctx context.Context, key, token string, lease time.Duration) (s State, left time.Duration, err error)

	// Commit makes key done for at least ttl, if token holds it. It does so too if nobody holds it, because the lease
	// ran out: the work has been done and should count. If token itself has committed already it returns nil, so that a
	// commit whose answer was lost may be repeated. If another token holds or has committed the key it changes nothing
	// and returns an error that wraps [ErrLeaseLost].
	Commit(ctx context.Context, key, token string, ttl time.Duration) error

	// Release frees key if token holds it. Otherwise (free, held by another, done) it changes nothing and returns nil.
	Release(ctx context.Context, key, token string) error
}

// State is what a claim found.
type State int

// What a claim finds.
const (
	Claimed State = iota // the caller holds the key until the lease ends
	Running              // another token holds it
	Done                 // committed
)

// String returns "claimed", "running" or "done".
func (s State) String() string {
	switch s {
	case Claimed:
		return "claimed"
	case Running:
		return "running"
	case Done:
		return "done"
	}
	return "State(" + strconv.Itoa(int(s)) + ")"
}
