package sqlinbox

import (
	"cmp"
	"context"
	"fmt"
)

// Blocked is a lane whose first event has failed: the others of the lane wait for it.
type Blocked struct {
	Entry // the one that failed; Waiting for its next run, or Running
	// Behind is how many of the lane wait; counted to 1,000.
	Behind int
}

const (
	sqlEntry = `select seq, lane, stage, ` + isRunning + `, due, arrived, failures,
		coalesce(last_error, ''), head, body from `
	sqlOne = sqlEntry + `{t} where seq = @seq`

	// What has failed waits, so that it lies beyond all that is due: few rows are read, however many are due.
	sqlBlocked = sqlEntry + `{t}
		where stage = 2 and due > {now} and lane <> '' and failures > 0 order by due limit @limit`
	sqlBlockedDue = sqlEntry + `(select * from {t} where stage = 2 and due <= {now} order by due limit 1000) d
		where lane <> '' and failures > 0 order by due limit @limit`
	sqlBacklog = `select count(*) from (select 1 from {t} where lane = @lane and lane <> '' and stage between 0 and 1
		order by stage, place limit 1000) b`
)

// Blocked returns lanes whose first event has failed, those that run next first; limit is at most 1,000, 0 means 100.
// Of those that are due already, it finds the ones among the 1,000 events that have been due for longest. It asks once
// more per lane.
func (b *Inbox) Blocked(ctx context.Context, limit int) ([]Blocked, error) {
	lanes, err := b.blocked(ctx, min(cmp.Or(max(limit, 0), usualList), mostList))
	if err != nil {
		return nil, fmt.Errorf("sqlinbox: blocked: %w", bare(err))
	}
	return lanes, nil
}

func (b *Inbox) blocked(ctx context.Context, limit int) ([]Blocked, error) {
	if err := b.check(ctx); err != nil {
		return nil, err
	}
	var lanes []Blocked
	for _, text := range []string{sqlBlockedDue, sqlBlocked} {
		err := b.db.each(ctx, nil, text, values{"limit": limit - len(lanes)}, func(scan scanner) error {
			e, err := readEntry(scan)
			lanes = append(lanes, Blocked{Entry: e})
			return err
		})
		if err != nil {
			return nil, err
		}
		if len(lanes) == limit {
			break
		}
	}
	for i := range lanes {
		if _, err := b.db.row(ctx, nil, sqlBacklog, values{"lane": lanes[i].Lane}, &lanes[i].Behind); err != nil {
			return nil, err
		}
	}
	return lanes, nil
}

// Entry returns one event. An unknown id is ErrNotFound.
func (b *Inbox) Entry(ctx context.Context, id int64) (e Entry, err error) {
	found := false
	if err = b.check(ctx); err == nil {
		err = b.db.each(ctx, nil, sqlOne, values{"seq": id}, func(scan scanner) error {
			found = true
			e, err = readEntry(scan)
			return err
		})
	}
	if err == nil && !found {
		err = ErrNotFound
	}
	if err != nil {
		return Entry{}, fmt.Errorf("sqlinbox: entry: %w", bare(err))
	}
	return e, nil
}
