package sqltracker

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/receiver/tracker"
)

const (
	oldText    = "select {columns} from {t} where step = ? and since < ? order by since limit ?"
	removeText = "delete from {t} where {key} and since < ?"
)

// purgeRows are deleted in one transaction, so that nobody waits for long.
const purgeRows = 500

func (s *Store) purge(ctx context.Context, begin begin, t time.Time) (int, error) {
	if ctx.Err() != nil {
		return 0, fmt.Errorf("sqltracker: purge: %w", context.Cause(ctx))
	}
	tx, err := begin(ctx)
	if err != nil {
		return 0, fmt.Errorf("sqltracker: purge: %w", err)
	}
	deleted := 0
	for _, step := range []tracker.Step{tracker.Sent, tracker.Delivered, tracker.Read, tracker.Played, tracker.Failed} {
		n, err := s.purgeStep(ctx, tx, step, t.UnixMicro())
		deleted += n
		if err != nil {
			return deleted, fmt.Errorf("sqltracker: purge: %w", err)
		}
	}
	return deleted, nil
}

// purgeStep finds the rows of one step through the index that List has, until there are none.
func (s *Store) purgeStep(ctx context.Context, tx *sql.Tx, step tracker.Step, before int64) (deleted int, err error) {
	for {
		rows, err := s.old.read(ctx, tx, string(step), before, purgeRows)
		if err != nil || len(rows) == 0 {
			return deleted, err
		}
		slices.SortFunc(rows, func(a, b row) int { return a.Key.Compare(b.Key) }) // the order of who records
		n := 0
		err = s.within(ctx, tx, func(tx *sql.Tx) (err error) {
			n, err = s.delete(ctx, tx, rows, before)
			return err
		})
		if err != nil || n == 0 { // others purge, or tx sees what is no more
			return deleted, err
		}
		deleted += n
	}
}

// delete leaves those that have come further meanwhile.
func (s *Store) delete(ctx context.Context, tx *sql.Tx, rows []row, before int64) (deleted int, err error) {
	remove, err := tx.PrepareContext(ctx, s.remove.text)
	if err != nil {
		return 0, err
	}
	defer remove.Close()
	for _, r := range rows {
		n, err := changed(remove.ExecContext(ctx, append(key(r.Key), before)...))
		if err != nil {
			return 0, err
		}
		deleted += int(n)
	}
	return deleted, nil
}
