package sqlinbox

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/kirimhooks/kirimhooks/receiver"
)

// Entry is one event of the inbox.
type Entry struct {
	ID        int64 // in this inbox; it rises as events arrive
	State     State
	Lane      string // as stored: "#" and a hash for a name that is long or not printable
	Event     *receiver.Event
	Failures  int       // runs that failed since it arrived, or was replayed
	LastError string    // of the last one that failed; up to about 1,000 bytes
	ArrivedAt time.Time // or when it was replayed
	// At is when it ended; or when it runs next, unless others of its lane are before it; or when its lease ends.
	At time.Time
}

// Query says which entries [Inbox.List] returns.
type Query struct {
	State  State  // Defaults to Dead.
	Lane   string // or as an Entry has it. Defaults to any.
	Before int64  // an ID: the last of the page before. Defaults to none.
	Limit  int    // at most 1,000. Defaults to 100.
}

const (
	usualList = 100
	mostList  = 1000
)

const sqlList = sqlEntry + `{t} where stage in (@one, @two, @three) and (@lane = '' or lane = @lane) and seq < @before
		and (stage <> 2 or @running = ` + isRunning + `)
	order by seq desc limit @limit`

// List returns entries, the newest first.
func (b *Inbox) List(ctx context.Context, q Query) ([]Entry, error) {
	entries, err := b.list(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("sqlinbox: list: %w", bare(err))
	}
	return entries, nil
}

func (b *Inbox) list(ctx context.Context, q Query) ([]Entry, error) {
	if err := b.check(ctx); err != nil {
		return nil, err
	}
	lane := q.Lane
	if !hashed(lane) {
		lane = storeName(lane)
	}
	v := values{
		"lane": lane, "running": 0, "limit": min(cmp.Or(max(q.Limit, 0), usualList), mostList),
		"before": cmp.Or(max(q.Before, 0), int64(1)<<62),
	}
	switch q.State = cmp.Or(q.State, Dead); q.State {
	case Waiting:
		v["one"], v["two"], v["three"] = stageArrived, stageBehind, stageNext
	case Running:
		v["one"], v["two"], v["three"], v["running"] = stageNext, stageNext, stageNext, 1
	case Done, Dead, Cancelled:
		v["one"], v["two"], v["three"] = ended(q.State, ""), ended(q.State, "any"), ended(q.State, "")
	default:
		return nil, fmt.Errorf("there is no %v", q.State)
	}
	var entries []Entry
	err := b.db.each(ctx, nil, sqlList, v, func(scan scanner) error {
		e, err := readEntry(scan)
		entries = append(entries, e)
		return err
	})
	return entries, err
}

func readEntry(scan scanner) (e Entry, err error) {
	var stage, running, at, arrived int64
	var text string
	var body []byte
	err = scan(&e.ID, &e.Lane, &stage, &running, &at, &arrived, &e.Failures, &e.LastError, &text, &body)
	if err != nil {
		return e, err
	}
	e.State, e.At, e.ArrivedAt = stateOf(stage, running == 1), time.UnixMicro(at).UTC(), time.UnixMicro(arrived).UTC()
	if e.Event, err = decodeEvent(text, body); err != nil {
		e.Event = &receiver.Event{} // it is listed all the same, so that it can be cancelled
		e.Event.Body = body
	}
	return e, nil
}
