package sqlitestore

import (
	"encoding/json"
	"math"
)

// lane is what waits for one subscription: its deliveries, or its tests.
type lane struct {
	subscription int64
	isTest       bool
}

// code is the lane as one number, for JSON.
func (l lane) code() int64 {
	if l.isTest {
		return l.subscription<<1 | 1
	}
	return l.subscription << 1
}

func laneOf(code int64) lane { return lane{code >> 1, code&1 == 1} }

const (
	sqlOpenLane = `
INSERT OR IGNORE INTO kirimhooks_lanes (subscription, is_test) SELECT ?1, ?2 FROM kirimhooks_subscriptions
WHERE subscription = ?1 AND deleted_at = 0 AND (is_active = 1 OR ?2)`

	sqlCloseLane = `DELETE FROM kirimhooks_lanes WHERE subscription = ? AND is_test = ?`

	// One row, since a row costs more than what is in it. SQLite plans by the value of a bare parameter as a limit: it
	// would compile the statement each time anew.
	sqlLanes = `
SELECT ` + sqlChanges + `, json_group_array(code) FROM (
	SELECT subscription << 1 | is_test AS code FROM kirimhooks_lanes
	WHERE (subscription, is_test) > (?, ?) AND (subscription, is_test) <= (?, ?)
	ORDER BY subscription, is_test LIMIT ? + 0)`
)

// openLane lets Claim look into a lane, as far as it may take from it.
func (tx *transaction) openLane(l lane) error {
	if tx.opened[l] {
		return nil
	}
	tx.opened[l] = true
	_, err := tx.exec(sqlOpenLane, l.subscription, l.isTest)
	return err
}

func (tx *transaction) closeLane(l lane) error {
	delete(tx.opened, l)
	_, err := tx.exec(sqlCloseLane, l.subscription, l.isTest)
	return err
}

// servedLane is a lane from which a claim may take.
type servedLane struct {
	lane
	sub *subscription
}

// round is a walk through all lanes, from behind the one at which the last claim ended.
type round struct {
	tx           *transaction
	start, after lane
	wrapped      bool // it goes on from the first lane to where it began
	done         bool // no lane is left
}

func (tx *transaction) newRound() *round {
	return &round{tx: tx, start: tx.store.cursor, after: tx.store.cursor}
}

// page gives the next lanes, at most n.
func (r *round) page(n int) ([]servedLane, error) {
	last := lane{math.MaxInt64, true}
	if r.wrapped {
		last = r.start
	}
	var changes int64
	var codes []int64
	args := []any{r.after.subscription, r.after.isTest, last.subscription, last.isTest, n}
	err := r.tx.each(sqlLanes, args, func(scan scanner) error {
		var text []byte
		if err := scan(&changes, &text); err != nil {
			return err
		}
		return json.Unmarshal(text, &codes)
	})
	if err != nil {
		return nil, err
	}
	list := make([]int64, len(codes))
	for i, code := range codes {
		list[i] = code >> 1
	}
	subs, err := r.tx.subscriptions(list, changes)
	if err != nil {
		return nil, err
	}
	lanes := make([]servedLane, len(codes))
	for i, code := range codes {
		lanes[i] = servedLane{laneOf(code), subs[code>>1]}
	}
	return lanes, nil
}

// wrap goes on from the first lane, or ends where the walk began.
func (r *round) wrap() { r.after, r.wrapped, r.done = lane{}, true, r.wrapped }
