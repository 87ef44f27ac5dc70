package sqlinbox

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
)

// What looks for a stage names one, and asks in the order of the index: so a planner reads only the rows it returns, be
// its statistics old or missing. Where rows are named by seq, "stage + 0" keeps it from walking over a whole stage.
const (
	sqlLook = `select coalesce(
			(select 1 from {t} where stage = 0 order by due limit 1), (select 1 from {t} where stage = 3 order by due limit 1),
			(select 1 from {t} where stage = 4 order by due limit 1), (select 1 from {t} where stage = 5 order by due limit 1),
			0)`
	sqlTurn     = `select place from {meta} where id = 1 {skip}`
	sqlWaitTurn = `select place from {meta} where id = 1 {lock}`
	// The last column is null if nothing in the lane runs, will run next, or has ended there. The index of lanes holds
	// only events that have one, as "lane <> ''" tells a planner.
	sqlArrived = `select a.seq, a.lane, a.arrived, a.created, (select h.stage from {t} h
			where h.lane = a.lane and h.lane <> '' and h.stage between 2 and 5 order by h.stage limit 1)
		from {t} a where a.stage = 0 order by a.due, a.seq limit @limit`
	sqlHeads  = `update {t} set stage = 2, due = {now}, place = @place where stage + 0 = 0 and seq in (@seqs)`
	sqlBehind = `update {t} set stage = 1, place = @place + {position} where stage + 0 = 0 and seq in (@seqs)`
	sqlPlace  = `update {meta} set place = @place where id = 1`
	sqlEnded  = `select p.seq, (select n.seq from {t} n
			where n.lane = p.lane and n.lane <> '' and n.stage = 1 and n.place > p.place order by n.place limit 1)
		from (select * from (select seq, lane, place from {t} where stage = 3 order by due limit @limit) done
			union all select * from (select seq, lane, place from {t} where stage = 4 order by due limit @limit) dead
			union all select * from (select seq, lane, place from {t} where stage = 5 order by due limit @limit) cancelled
		) p limit @limit`
	// MySQL assigns from left to right, so that the stage must come last.
	sqlHandOn = `update {t} set due = case when stage = 1 then {now} else due end,
			stage = case when stage = 1 then 2 else stage + 3 end
		where stage + 0 in (1, 3, 4, 5) and seq in (@seqs)`
)

// batch is how many events one transaction of route moves.
const batch = 100

// route hands lanes on and gives those who arrived their places. moved tells that something was done, more that there
// is work left.
//
// It costs what has arrived and ended, however many wait: a lane's next event is found by its place, which rises, so
// that nothing is walked over. Acknowledging an event is one insert, since nobody is asked there whether the lane is
// free.
func (b *Inbox) route(ctx context.Context) (moved, more bool, err error) {
	var any bool
	if _, err := b.db.row(ctx, nil, sqlLook, nil, &any); err != nil || !any {
		return false, false, err
	}
	err = b.db.within(ctx, func(tx *sql.Tx) error {
		var place int64
		found, err := b.db.row(ctx, tx, sqlTurn, nil, &place)
		if err != nil || !found {
			return err // another process does it
		}
		moved = true
		more, err = b.routeAll(ctx, tx, place)
		return err
	})
	return moved && err == nil, more, err
}

func (b *Inbox) routeAll(ctx context.Context, tx *sql.Tx, place int64) (more bool, err error) {
	arrived, err := b.arrive(ctx, tx, place)
	if err != nil {
		return false, err
	}
	ended, err := b.handOn(ctx, tx)
	return arrived == batch || ended == batch, err
}

// arrival is an event without a place.
type arrival struct {
	seq              int64
	lane             string
	arrived, created int64
	held             sql.NullInt64 // its lane is, by what is in this stage
}

// arrive gives places to what has arrived. Those of one millisecond stand in the order of their own times.
func (b *Inbox) arrive(ctx context.Context, tx *sql.Tx, place int64) (int, error) {
	var list []arrival
	err := b.db.each(ctx, tx, sqlArrived, values{"limit": batch}, func(scan scanner) error {
		var a arrival
		err := scan(&a.seq, &a.lane, &a.arrived, &a.created, &a.held)
		list = append(list, a)
		return err
	})
	if err != nil || len(list) == 0 {
		return 0, err
	}
	slices.SortFunc(list, func(x, y arrival) int {
		return cmp.Or(
			cmp.Compare(x.arrived/1000, y.arrived/1000),
			cmp.Compare(x.created, y.created),
			cmp.Compare(x.seq, y.seq))
	})
	taken := make(map[string]bool)
	var heads, behind []int64
	for _, a := range list {
		if a.held.Valid || taken[a.lane] {
			behind = append(behind, a.seq)
			continue
		}
		taken[a.lane] = true
		heads = append(heads, a.seq)
	}
	if err := b.change(ctx, tx, sqlHeads, values{"seqs": heads, "place": place}); err != nil {
		return 0, err
	}
	if err := b.change(ctx, tx, sqlBehind, values{"seqs": behind, "place": place}); err != nil {
		return 0, err
	}
	_, err = b.db.exec(ctx, tx, sqlPlace, values{"place": place + int64(len(behind)) + 1})
	return len(list), err
}

// handOn ends the hold of events that have ended on their lanes, and lets the next ones follow.
func (b *Inbox) handOn(ctx context.Context, tx *sql.Tx) (int, error) {
	var seqs []int64
	ended := 0
	err := b.db.each(ctx, tx, sqlEnded, values{"limit": batch}, func(scan scanner) error {
		var seq int64
		var follower sql.NullInt64
		err := scan(&seq, &follower)
		ended++
		seqs = append(seqs, seq)
		if follower.Valid {
			seqs = append(seqs, follower.Int64)
		}
		return err
	})
	if err == nil {
		err = b.change(ctx, tx, sqlHandOn, values{"seqs": seqs})
	}
	return ended, err
}

// change runs a statement over the rows v["seqs"], unless there are none.
func (b *Inbox) change(ctx context.Context, tx *sql.Tx, text string, v values) error {
	if len(v["seqs"].([]int64)) == 0 {
		return nil
	}
	_, err := b.db.exec(ctx, tx, text, v)
	return err
}
