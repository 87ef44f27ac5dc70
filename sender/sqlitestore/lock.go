package sqlitestore

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	sqlite3 "modernc.org/sqlite/lib"
)

// sqlLock takes the write lock before anything is read, as BEGIN IMMEDIATE does, whatever a host's pool begins with.
const sqlLock = `UPDATE kirimhooks_meta SET value = value WHERE false`

// exclusively runs f when no other goroutine writes, again and again as long as other processes do.
func (s *Store) exclusively(ctx context.Context, f func() error) error {
	select {
	case s.writing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.writing }()
	return s.untilFree(ctx, f)
}

// untilFree runs f until it does not find the database locked. The pauses have jitter, since SQLite has no queue: who
// asks at the right moment is next.
func (s *Store) untilFree(ctx context.Context, f func() error) error {
	limit := time.Now().Add(s.cfg.BusyTimeout)
	for pause := time.Millisecond; ; pause = min(2*pause, 20*time.Millisecond) {
		err := f()
		if !isCode(err, sqlite3.SQLITE_BUSY) || hasCode(err, sqlite3.SQLITE_BUSY_SNAPSHOT) {
			return err
		}
		if _, deadline := ctx.Deadline(); !deadline && time.Now().After(limit) {
			return fmt.Errorf("another process has been writing for %v: %w", s.cfg.BusyTimeout, err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause/2 + rand.N(pause)):
		}
	}
}
