package sqlitestore

import (
	"context"
	"strings"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// sqlReplays begins a look at the replays of the same event for the same subscription as d.
const sqlReplays = ` FROM kirimhooks_deliveries r INDEXED BY kirimhooks_replays
	WHERE r.replayed_from IS NOT NULL AND r.event = d.event AND r.subscription = d.subscription`

const (
	// sqlReplayedBy is the newest delivery that repeats d.
	sqlReplayedBy = `coalesce((SELECT max(r.delivery)` + sqlReplays + ` AND r.replayed_from = d.delivery), 0)`

	// sqlUnrepeated leaves out what has an unfinished replay of its own.
	sqlUnrepeated = `NOT EXISTS (SELECT 1` + sqlReplays + ` AND r.replayed_from = d.delivery AND r.phase > 0)`

	// sqlUnsurpassed leaves out what a later delivery stands for. ?3 is true if a person named the deliveries.
	sqlUnsurpassed = `NOT EXISTS (SELECT 1` + sqlReplays + `
	AND CASE WHEN ?3 THEN r.replayed_from = d.delivery AND r.phase > 0
	ELSE r.delivery > d.delivery AND (r.phase > 0 OR r.state = 'delivered') END)`

	sqlReplay = `
INSERT INTO kirimhooks_deliveries (org, event, subscription, is_test, phase, due_at, created_at, replayed_from)
SELECT org, event, subscription, is_test, 1, ?2, ?2, delivery FROM kirimhooks_deliveries d
WHERE delivery = ?1 AND phase = 0 AND ` + sqlNotDeleted + ` AND ` + sqlUnsurpassed
)

// Replay implements [driver.Log].
func (s *Store) Replay(ctx context.Context, r driver.ReplayRequest) (made []driver.Replayed, err error) {
	f, err := s.newFilter(ctx, &r.DeliveryQuery)
	if err != nil || f.nothing {
		return nil, failed("replay", ctx, err)
	}
	f.add(`d.phase = 0`)
	f.add(sqlNotDeleted)
	if r.Named {
		f.add(sqlUnrepeated)
	} else {
		s.addNewest(f, &r.DeliveryQuery)
	}
	made, err = changeEach(ctx, s, "replay", f, limit(r.Limit),
		func(tx *transaction, number int64) (driver.Replayed, bool, error) { return tx.replay(number, r.Named) })
	if len(made) > 0 {
		s.wakeup.ring()
	}
	return made, err
}

func (tx *transaction) replay(number int64, named bool) (made driver.Replayed, changed bool, err error) {
	replay, err := tx.insert(sqlReplay, number, tx.now, named)
	if replay == 0 || err != nil {
		return made, false, err
	}
	made = driver.Replayed{Old: tx.store.encodeID(number), New: tx.store.encodeID(replay)}
	return made, true, tx.openLaneOf(number)
}

// addNewest leaves out what a later delivery stands for: one that was delivered, is unfinished, or is selected too.
// Event and subscription are the same, so that only the rest of the query tells the two apart.
func (s *Store) addNewest(f *filter, q *driver.DeliveryQuery) {
	later := &filter{conditions: []string{`true`}}
	if len(q.States) > 0 {
		oneOf(later, `r.state`, q.States)
	}
	if len(q.IDs) > 0 {
		oneOf(later, `r.delivery`, s.decodeIDs(q.IDs))
	}
	later.addSpan(`r.created_at`, q.Since, q.Until)
	f.add(`NOT EXISTS (SELECT 1`+sqlReplays+` AND r.delivery > d.delivery
	AND (r.phase > 0 OR r.state = 'delivered' OR `+strings.Join(later.conditions, ` AND `)+`))`, later.args...)
}
