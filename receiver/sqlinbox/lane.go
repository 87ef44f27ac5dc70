package sqlinbox

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
)

// Where rows are named by seq, "stage + 0" keeps a planner from walking over all that are in a stage.
const (
	sqlLook     = `select 1 from {t} where stage in (0, 3, 4, 5) limit 1`
	sqlTurn     = `select place from {meta} where id = 1 {skip}`
	sqlWaitTurn = `select place from {meta} where id = 1 {lock}`
	sqlArrived  = `select seq, lane, arrived, created from {t} where stage = 0 order by due, seq limit @limit`
	sqlHolding  = `select distinct lane from {t} where stage in (2, 3, 4, 5) and lane in (@lanes)`
	sqlHeads    = `update {t} set stage = 2, due = {now}, place = @place where stage + 0 = 0 and seq in (@seqs)`
	sqlBehind   = `update {t} set stage = 1, place = @place + {position} where stage + 0 = 0 and seq in (@seqs)`
	sqlPlace    = `update {meta} set place = @place where id = 1`
	sqlEnded    = `select p.seq, (select n.seq from {t} n where n.lane = p.lane and n.stage = 1 and n.place > p.place
			order by n.place limit 1)
		from {t} p where p.stage in (3, 4, 5) limit @limit`
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
	var one int
	if found, err := b.db.row(ctx, nil, sqlLook, nil, &one); err != nil || !found {
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
}

// arrive gives places to what has arrived. Those of one millisecond stand in the order of their own times.
func (b *Inbox) arrive(ctx context.Context, tx *sql.Tx, place int64) (int, error) {
	var list []arrival
	err := b.db.each(ctx, tx, sqlArrived, values{"limit": batch}, func(scan scanner) error {
		var a arrival
		err := scan(&a.seq, &a.lane, &a.arrived, &a.created)
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
	taken, err := b.taken(ctx, tx, list)
	if err != nil {
		return 0, err
	}
	var heads, behind []int64
	for _, a := range list {
		if taken[a.lane] {
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

// taken returns which lanes have an event that runs, will run next, or has ended there.
func (b *Inbox) taken(ctx context.Context, tx *sql.Tx, list []arrival) (map[string]bool, error) {
	lanes := make([]string, len(list))
	for i, a := range list {
		lanes[i] = a.lane
	}
	slices.Sort(lanes)
	taken := make(map[string]bool)
	err := b.db.each(ctx, tx, sqlHolding, values{"lanes": slices.Compact(lanes)}, func(scan scanner) error {
		var lane string
		err := scan(&lane)
		taken[lane] = true
		return err
	})
	return taken, err
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
