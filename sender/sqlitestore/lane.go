package sqlitestore

import (
	"math"
	"strconv"
	"strings"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// lane is what waits for one subscription: its deliveries, or its tests.
type lane struct {
	sub  int64
	test bool
}

// code is the lane as one number, for JSON.
func (l lane) code() int64 {
	code := l.sub << 1
	if l.test {
		code |= 1
	}
	return code
}

func laneOf(code int64) lane { return lane{code >> 1, code&1 == 1} }

// servedLane is a lane from which a claim takes.
type servedLane struct {
	lane
	record *driver.SubscriptionRecord
}

const (
	// One row, since a row costs more than what is in it.
	sqlLanes = `
SELECT (SELECT CAST(value AS INTEGER) FROM kirimhooks_meta WHERE name = 'changes'), coalesce(group_concat(code), '') FROM (
	SELECT t.sub << 1 | t.test AS code FROM kirimhooks_lanes t
	WHERE (t.sub, t.test) > (?, ?) AND (t.sub, t.test) <= (?, ?) ORDER BY t.sub, t.test
	LIMIT ? + 0 -- SQLite plans by the value of a bare parameter: it would compile the statement each time anew
)`

	sqlCloseLanes = `DELETE FROM kirimhooks_lanes WHERE (sub, test) IN (SELECT value >> 1, value & 1 FROM json_each(?))`

	sqlCloseLane = `DELETE FROM kirimhooks_lanes WHERE sub = ? AND test = ?`
)

// maxPages is how many pages of the ring one claim goes through.
const maxPages = 4

// serve goes round the ring, page by page, until the limit is reached or every lane had its turn; more reports that it ended
// before either. Of each page the lanes get the same share, again and again until they have no more: those that turn out to be
// empty, all of a page perhaps, must not hide what is ready behind them.
func (t *turn) serve() (more bool, err error) {
	for range maxPages {
		lanes, whole, err := t.candidates()
		for len(lanes) > 0 && err == nil {
			lanes, err = t.serveOnce(lanes)
		}
		if err != nil || whole || t.free == 0 {
			return false, err
		}
	}
	return true, nil
}

// serveOnce gives each lane its share of what is left, and returns those that may have more. Those that had less are taken
// out of the ring, and what they might have taken of their subscription goes to its other lane the next time.
func (t *turn) serveOnce(lanes []servedLane) (rest []servedLane, err error) {
	share := max(1, t.free/len(lanes))
	records := make(map[int64]*driver.SubscriptionRecord, len(lanes))
	var found pairs
	var ones, empty numbers
	var skipped []servedLane
	byCode := map[int64]servedLane{} // of ones
	gave := func(l servedLane, want, n int) {
		if n == want {
			rest = append(rest, l)
			return
		}
		empty.add(l.code())
		t.took(l.sub, n-want)
	}
	for _, l := range lanes {
		want := min(share, t.room(l.sub, l.record))
		if want == 0 {
			skipped = append(skipped, l)
			continue
		}
		t.took(l.sub, want)
		records[l.sub] = l.record
		if want == 1 {
			ones.add(l.code())
			byCode[l.code()] = l
			continue
		}
		n, err := t.find(l.lane, want, &found)
		if err != nil {
			return nil, err
		}
		gave(l, want, n)
	}
	if err := t.findFirst(ones, &found, func(code int64, n int) { gave(byCode[code], 1, n) }); err != nil {
		return nil, err
	}
	if len(empty) > 0 {
		if _, err := t.tx.exec(sqlCloseLanes, empty.text()); err != nil {
			return nil, err
		}
	}
	for _, l := range skipped {
		if t.room(l.sub, l.record) > 0 {
			rest = append(rest, l)
		}
	}
	return rest, t.take(found, records)
}

// candidates returns the next lanes of the ring from which something may be taken, as many as may be taken in all, so
// that each is given one at least; whole reports that the ring has no others. It leaves the cursor at the last.
func (t *turn) candidates() (lanes []servedLane, whole bool, err error) {
	s, limit := t.tx.store, t.free
	start, page := s.cursor, min(max(limit, 16), 256)
	for _, span := range [...]struct{ after, last lane }{{start, lane{math.MaxInt64, true}}, {lane{}, start}} {
		for seen := page; seen == page; {
			if len(lanes) == limit {
				return lanes, false, nil
			}
			next, err := t.nextLanes(span.after, span.last, page)
			if err != nil {
				return nil, false, err
			}
			seen = len(next)
			for _, l := range next {
				span.after = l.lane
				if len(lanes) == limit {
					return lanes, false, nil
				}
				if t.room(l.sub, l.record) > 0 {
					lanes = append(lanes, l)
					s.cursor = l.lane
				}
			}
		}
	}
	return lanes, true, nil
}

// nextLanes returns a page of the ring.
func (t *turn) nextLanes(after, last lane, page int) ([]servedLane, error) {
	var changes int64
	var codes string
	if _, err := t.tx.row(sqlLanes, []any{after.sub, after.test, last.sub, last.test, page}, &changes, &codes); err != nil || codes == "" {
		return nil, err
	}
	lanes, subs := make([]servedLane, 0, page), make([]int64, 0, page)
	for text := range strings.SplitSeq(codes, ",") {
		code, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, err
		}
		lanes = append(lanes, servedLane{lane: laneOf(code)})
		subs = append(subs, code>>1)
	}
	records, err := t.tx.subscriptions(subs, changes)
	if err != nil {
		return nil, err
	}
	for i := range lanes {
		lanes[i].record = records[lanes[i].sub]
	}
	return lanes, nil
}

const (
	// minPromote is how many retries and lapsed leases one claim lets become ready, if its limit is small.
	minPromote = 100

	sqlNthTimer = `
SELECT at FROM kirimhooks_deliveries INDEXED BY kirimhooks_timers WHERE place >= 2 AND at <= ? ORDER BY at LIMIT 1 OFFSET ?`

	sqlPromote = `
UPDATE kirimhooks_deliveries INDEXED BY kirimhooks_timers SET place = 1 WHERE place >= 2 AND at <= ?
RETURNING CAST(sub AS INTEGER), CAST(test AS INTEGER)`

	sqlOpenLanes = `
INSERT OR IGNORE INTO kirimhooks_lanes (sub, test) SELECT value >> 1, value & 1 FROM json_each(?)
WHERE (SELECT gone = 0 AND (active = 1 OR value & 1 = 1) FROM kirimhooks_subscriptions WHERE sub = value >> 1)`
)

// openLanes puts lanes into the ring, as far as Claim may take from them.
func (tx *transaction) openLanes(lanes []lane) error {
	var closed numbers
	for _, l := range lanes {
		if tx.open[l] {
			continue
		}
		if tx.open == nil {
			tx.open = map[lane]bool{}
		}
		tx.open[l] = true
		closed.add(l.code())
	}
	if len(closed) == 0 {
		return nil
	}
	_, err := tx.exec(sqlOpenLanes, closed.text())
	return err
}

// promote moves about limit deliveries whose time has come into their lanes, those first whose time came first. A
// lapsed lease stays with its token until somebody takes the delivery over: the holder may only be late.
func (tx *transaction) promote(limit int) (more bool, err error) {
	if err := tx.endLapsed(); err != nil {
		return false, err
	}
	until := tx.now
	if more, err = tx.row(sqlNthTimer, []any{tx.now, limit}, &until); err != nil {
		return false, err
	}
	var touched []lane
	err = tx.each(sqlPromote, []any{until}, func(scan scanner) error {
		var l lane
		err := scan(&l.sub, &l.test)
		touched = append(touched, l)
		return err
	})
	if err != nil {
		return false, err
	}
	return more, tx.openLanes(touched)
}

// The column place, where it is not written out in SQL.
const (
	placeFinished = 0
	placeReady    = 1
	placeWaiting  = 2
	placeInFlight = 3
	placeEnding   = 4 // in flight, and cancelled unless it delivers
)
