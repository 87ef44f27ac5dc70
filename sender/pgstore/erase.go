package pgstore

import "context"

// erasures are the steps of Erase, see sql/erase.sql. $1 is the org, $2 how many rows may go. What is in flight goes
// before its attempts: an outcome that finds neither leaves none behind.
var erasures = []string{
	"erase_subscriptions($1, $2)",
	"erase_rows('unfinished_deliveries', $1, $2)",
	"erase_rows('attempts', $1, $2)",
	"erase_rows('replays', $1, $2)",
	"erase_minutes($1, $2)",
	"erase_rows('health', $1, $2)",
	"erase_rows('topics', $1, $2)",
	"erase_rows('events', $1, $2)",
	"erase_names($1, $2)",
}

// Erase implements [driver.Log]. It goes through steps, each a transaction of its own, until limit rows are gone. Where
// others hold the last rows of a step, it waits for them. An event whose transaction commits later stays, and is not
// delivered to what was erased: stop publishing first. What processes hold in memory is forgotten by and by.
func (s *Store) Erase(ctx context.Context, org string, limit int) (rows int, err error) {
	defer wrap(&err, "erase")
	if !storable(org) {
		return 0, nil
	}
	for _, erasure := range erasures {
		for left := limit - rows; left > 0; left = limit - rows {
			var n int
			if err := s.step(ctx, `select {schema}.`+erasure+` from {durable}`, []any{org, left}, &n); err != nil {
				return rows, err
			}
			if n == 0 {
				break
			}
			rows += n
		}
	}
	return rows, nil
}
