package sqldedupe

import (
	"context"
	"fmt"
	"time"

	"github.com/kirimhooks/kirimhooks/dedupe"
)

// Commit implements [dedupe.Store].
func (s *Store) Commit(ctx context.Context, key, token string, ttl time.Duration) error {
	if err := s.finish(ctx, key, token, micros(ttl)); err != nil {
		return fmt.Errorf("sqldedupe: commit: %w", err)
	}
	return nil
}

// finish marks the row of the claim, or inserts one where the purge was sooner.
func (s *Store) finish(ctx context.Context, key, token string, ttl int64) error {
	for range rounds {
		if err := check(ctx, key, token); err != nil {
			return err
		}
		if rows, err := s.commit.exec(ctx, token, ttl, key, token); err != nil || rows > 0 {
			return err
		}
		if rows, err := s.insert.exec(ctx, key, token, 1, ttl); err != nil || rows > 0 {
			return err
		}
		held, err := s.held(ctx, key)
		switch {
		case err != nil:
			return err
		case held.left <= 0:
			continue
		case held.token == token && held.done:
			return nil
		}
		return dedupe.ErrLeaseLost
	}
	return errRestless
}

// Release implements [dedupe.Store].
func (s *Store) Release(ctx context.Context, key, token string) error {
	err := check(ctx, key, token)
	if err == nil {
		_, err = s.release.exec(ctx, key, token)
	}
	if err != nil {
		return fmt.Errorf("sqldedupe: release: %w", err)
	}
	return nil
}
