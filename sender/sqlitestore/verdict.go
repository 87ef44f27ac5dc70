package sqlitestore

import "github.com/kirimhooks/kirimhooks/sender/driver"

// verdict is what the outcomes of one statement have in common. Retries have each a moment of their own.
type verdict struct {
	org    string
	token  int64
	place  int
	state  driver.State
	reason string
	n      int // attempts that had a result
	below  int // the place that it does not apply to, and those after it
}

func (r *result) judge(now int64) (v verdict, at int64) {
	v, at = verdict{org: r.Org, token: r.token, state: r.State, reason: legible(r.Reason), below: placeEnding}, now
	if r.State == driver.StateDelivered {
		v.below++
	}
	switch {
	case r.State != driver.StatePending:
		v.place = placeFinished
	case r.After > 0:
		v.place, at = placeWaiting, after(now, r.After)
	default:
		v.place = placeReady
	}
	if a := r.Attempt; a != nil && a.ErrorClass != driver.ClassUnknown {
		v.n = a.N
	}
	return v, at
}

// The index is there so that no statistics make the planner walk the table: by number alone, it might.
const (
	sqlSettle = `
UPDATE kirimhooks_deliveries INDEXED BY kirimhooks_by_org
SET place = ?, at = ?, state = ?, reason = ?, attempt = max(attempt, ?), leased = 0
WHERE org = ? AND delivery IN (SELECT value FROM json_each(?)) AND token = ? AND leased > 0 AND place < ?
RETURNING delivery, sub << 1 | test`

	// A join with json_each would be walked from whichever side the planner likes.
	sqlRetry = `
UPDATE kirimhooks_deliveries INDEXED BY kirimhooks_by_org
SET place = 2, at = json_extract(?, '$.' || delivery), state = ?, reason = ?, attempt = max(attempt, ?), leased = 0
WHERE org = ? AND delivery IN (SELECT CAST(key AS INTEGER) FROM json_each(?)) AND token = ? AND leased > 0 AND place < ?
RETURNING delivery, sub << 1 | test`
)

// write changes the deliveries that are held by the token of their outcome, and marks those as applied.
func (b *settlement) write(r *round) error {
	var verdicts groups[verdict, numbers]
	var retries groups[verdict, pairs]
	for i := range r.results {
		res := &r.results[i]
		v, at := res.judge(b.tx.now)
		if res.place, res.at = v.place, at; v.place == placeWaiting {
			retries.at(v).add(res.number, at)
		} else {
			verdicts.at(v).add(res.number)
		}
	}
	applied := func(scan scanner) error {
		var number, code int64
		if err := scan(&number, &code); err != nil {
			return err
		}
		res := &r.results[r.at[number]]
		res.applied, res.lane = true, laneOf(code)
		return nil
	}
	for _, v := range verdicts.keys {
		args := []any{v.place, b.tx.now, string(v.state), v.reason, v.n, v.org, verdicts.of[v].text(), v.token, v.below}
		if err := b.tx.each(sqlSettle, args, applied); err != nil {
			return err
		}
	}
	for _, v := range retries.keys {
		moments := retries.of[v].text()
		args := []any{moments, string(v.state), v.reason, v.n, v.org, moments, v.token, v.below}
		if err := b.tx.each(sqlRetry, args, applied); err != nil {
			return err
		}
	}
	for i := range r.results {
		if res := &r.results[i]; !res.applied && res.State != driver.StateDelivered {
			if err := b.end(res); err != nil {
				return err
			}
		}
	}
	return nil
}
