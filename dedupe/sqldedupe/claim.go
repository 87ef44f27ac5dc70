package sqldedupe

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/kirimhooks/kirimhooks/dedupe"
)

// Claim implements [dedupe.Store]. About one claim of a hundred that is given also purges, for a fifth of a second at
// most.
func (s *Store) Claim(
	ctx context.Context, key, token string, lease time.Duration,
) (dedupe.State, time.Duration, error) {
	state, left, err := s.claim(ctx, key, token, micros(lease))
	if err != nil {
		return dedupe.Claimed, 0, fmt.Errorf("sqldedupe: claim: %w", err)
	}
	if state == dedupe.Claimed && rand.N(purgeEvery) == 0 {
		s.purgeSome(ctx)
	}
	return state, left, nil
}

// claim inserts the row of a new key, takes one that has ended, or looks at who holds it. It starts again if that one
// has gone meanwhile.
func (s *Store) claim(ctx context.Context, key, token string, lease int64) (dedupe.State, time.Duration, error) {
	for range rounds {
		if err := check(ctx, key, token); err != nil {
			return 0, 0, err
		}
		if rows, err := s.insert.exec(ctx, key, token, 0, lease); err != nil || rows > 0 {
			return dedupe.Claimed, 0, err
		}
		if rows, err := s.take.exec(ctx, token, lease, key, token); err != nil || rows > 0 {
			return dedupe.Claimed, 0, err
		}
		held, err := s.held(ctx, key)
		switch {
		case err != nil:
			return 0, 0, err
		case held.left <= 0:
			continue
		case held.done:
			return dedupe.Done, 0, nil
		case held.token == token: // renewed to the same microsecond, which MySQL calls no change
			return dedupe.Claimed, 0, nil
		}
		return dedupe.Running, held.left, nil
	}
	return 0, 0, errRestless
}
