package sqlitestore

import (
	"context"
	"crypto/cipher"
	"database/sql"
)

// kit is what calls need of a database that has its tables.
type kit struct {
	block cipher.Block         // delivery numbers ↔ delivery ids
	stmts map[string]*sql.Stmt // prepared on the writer, by their text
}

// load makes the kit, once. Nothing is locked meanwhile but the making itself: a host whose transaction holds the only
// connection must get on.
func (s *Store) load(ctx context.Context) error {
	if s.kit.Load() != nil {
		return nil
	}
	select {
	case s.loading <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.loading }()
	if s.kit.Load() != nil {
		return nil
	}
	return s.untilFree(ctx, func() error { return s.makeKit(ctx) })
}

func (s *Store) makeKit(ctx context.Context) error {
	key, err := s.readKey(ctx)
	if err != nil {
		return err
	}
	k := &kit{stmts: map[string]*sql.Stmt{}}
	if k.block, err = newBlock(key); err != nil {
		return err
	}
	for _, text := range prepared() {
		stmt, err := s.writer.PrepareContext(ctx, text)
		if err != nil {
			for _, made := range k.stmts {
				made.Close()
			}
			return err
		}
		k.stmts[text] = stmt
	}
	s.kit.Store(k)
	return nil
}

// statement is nil for one that is not kept, and before there is a kit: a host's transaction may be first, and must not
// wait for a connection to prepare on.
func (s *Store) statement(text string) *sql.Stmt {
	if k := s.kit.Load(); k != nil {
		return k.stmts[text]
	}
	return nil
}

// prepared lists the statements that are worth keeping compiled. One that is missing here works, and costs more.
func prepared() []string {
	list := []string{
		sqlLock, sqlOutlook, sqlClock, sqlSetClock,
		sqlOnly, sqlAddEvent, sqlAddOrphan, sqlDigest, sqlDeliver, sqlBear,
		sqlLanes, sqlReady, sqlFirstReady, sqlTake, sqlNthTimer, sqlPromote, sqlOpenLanes, sqlCloseLane, sqlCloseLanes, sqlEvents, sqlRecord, sqlVersions,
		sqlSettle, sqlRetry, sqlLastResult, sqlHealth, sqlPatients, sqlSaveHealth, sqlLogAlike, sqlLogAttempts, sqlLogged, sqlCountMinutes, sqlChanged,
		sqlPurgeAttempts, sqlOrphan, sqlPurgeEvent, sqlPurgeOrphan, sqlCancel, sqlMade, sqlReplay, sqlRetryNow, sqlCancelNow, sqlEndLeased, sqlLapsedEnding, sqlEndLapsed,
	}
	for n := 1; n <= maxTopics; n *= 2 {
		list = append(list, sqlMatch(n))
	}
	return list
}
