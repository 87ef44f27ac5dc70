package redisdedupe

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kirimhooks/kirimhooks/dedupe"
)

// Config tunes a [Store]. The zero Config works.
type Config struct {
	// Prefix begins each key in Redis, and ":" follows. At most 75 bytes of printable ASCII without ":", "{" and "}":
	// braces would put all keys into one slot of a cluster. Defaults to "dedupe".
	Prefix string
}

const defaultPrefix = "dedupe"

func (c Config) validate() error {
	if len(c.Prefix) > 75 {
		return fmt.Errorf("redisdedupe: Config.Prefix: %d bytes, at most 75", len(c.Prefix))
	}
	for i := range len(c.Prefix) {
		if b := c.Prefix[i]; b < ' ' || b > '~' || strings.IndexByte(":{}", b) >= 0 {
			return fmt.Errorf("redisdedupe: Config.Prefix: %q may not hold %q", c.Prefix, b)
		}
	}
	return nil
}

// Store implements [dedupe.Store]. Make one with [New]. Safe for concurrent use by many processes.
type Store struct {
	client redis.Scripter
	prefix string
}

var _ dedupe.Store = (*Store)(nil)

// New returns a Store over client, which stays the caller's to close. It connects to nothing yet.
//
// Every kind of client serves: of one server, a failover (Sentinel) and a cluster. A redis.Ring does too, but a server
// that leaves it takes its keys along, as if they had been forgotten.
func New(client redis.UniversalClient, cfg Config) (*Store, error) {
	if client == nil {
		return nil, errors.New("redisdedupe: no client")
	}
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if cfg.Prefix == "" {
		cfg.Prefix = defaultPrefix
	}
	return &Store{client, cfg.Prefix + ":"}, nil
}

// Claim implements [dedupe.Store].
func (s *Store) Claim(
	ctx context.Context, key, token string, lease time.Duration,
) (dedupe.State, time.Duration, error) {
	found, err := s.run(ctx, claimScript, key, token, millis(lease))
	switch {
	case err != nil:
		return dedupe.Claimed, 0, fmt.Errorf("redisdedupe: claim: %w", err)
	case found == foundClaimed:
		return dedupe.Claimed, 0, nil
	case found == foundDone:
		return dedupe.Done, 0, nil
	}
	return dedupe.Running, time.Duration(min(found, longest)) * time.Millisecond, nil
}

// Commit implements [dedupe.Store].
func (s *Store) Commit(ctx context.Context, key, token string, ttl time.Duration) error {
	committed, err := s.run(ctx, commitScript, key, token, millis(ttl))
	switch {
	case err != nil:
		return fmt.Errorf("redisdedupe: commit: %w", err)
	case committed == 0:
		return fmt.Errorf("redisdedupe: commit: %w", dedupe.ErrLeaseLost)
	}
	return nil
}

// Release implements [dedupe.Store].
func (s *Store) Release(ctx context.Context, key, token string) error {
	if _, err := s.run(ctx, releaseScript, key, token); err != nil {
		return fmt.Errorf("redisdedupe: release: %w", err)
	}
	return nil
}

// run lets the server run a script on one key, and returns once ctx has ended at the latest. The client heeds no
// cancellation, and deadlines only with ContextTimeoutEnabled; what it is at then ends by its own time-outs.
func (s *Store) run(ctx context.Context, script *redis.Script, key string, args ...any) (int64, error) {
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	type answer struct {
		found int64
		err   error
	}
	answers := make(chan answer, 1)
	go func() {
		found, err := script.Run(ctx, s.client, []string{s.prefix + key}, args...).Int64()
		answers <- answer{found, err}
	}()
	select {
	case a := <-answers:
		return a.found, a.err
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}

// longest is what a duration can tell, in milliseconds.
const longest = math.MaxInt64 / int64(time.Millisecond)

// millis rounds up to what Redis counts in.
func millis(d time.Duration) int64 { return max(1, int64((d-1)/time.Millisecond)+1) }
