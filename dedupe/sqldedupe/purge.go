package sqldedupe

import (
	"context"
	"fmt"
	"time"
)

// A claim that purges removes more than the claims since the last one have added, and few enough that nobody waits.
const (
	purgeEvery = 100
	purgeRows  = 200
	purgeTime  = 200 * time.Millisecond
)

// Purge deletes up to limit rows that have ended, those first that ended first, and returns how many it found. Claims
// do so by themselves; a host may call it to be rid of many at once, in a quiet hour, until it returns fewer than
// limit.
func (s *Store) Purge(ctx context.Context, limit int) (int, error) {
	if limit <= 0 {
		return 0, fmt.Errorf("sqldedupe: purge: a limit of %d rows", limit)
	}
	rows, err := s.purge.exec(ctx, limit)
	if err != nil {
		return 0, fmt.Errorf("sqldedupe: purge: %w", err)
	}
	return int(rows), nil
}

// purgeSome is not told of a failure: the next one tries again.
func (s *Store) purgeSome(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, purgeTime)
	defer cancel()
	_, _ = s.Purge(ctx, purgeRows)
}
