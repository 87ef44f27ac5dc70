package sqlitestore

import (
	"strings"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// sqlRepeats begins a look at the replays of the same event for the same subscription as d.
const sqlRepeats = ` FROM kirimhooks_deliveries r INDEXED BY kirimhooks_repeats
	WHERE r.replayed IS NOT NULL AND r.event = d.event AND r.sub = d.sub`

// sqlReplayedBy is the newest delivery that repeats d.
const sqlReplayedBy = `coalesce((SELECT max(r.delivery)` + sqlRepeats + ` AND r.replayed = d.delivery), 0)`

// addUnrepeated leaves out what has an unfinished replay of its own.
func (f *filter) addUnrepeated() {
	f.add(`NOT EXISTS (SELECT 1` + sqlRepeats + ` AND r.replayed = d.delivery AND r.place > 0)`)
}

// addNewest leaves out what a later delivery stands for: one that was delivered, is unfinished, or is selected too. Event
// and subscription are the same, so that only the rest of the query tells the two apart.
func (s *Store) addNewest(f *filter, q *driver.DeliveryQuery) {
	later := &filter{conditions: []string{`true`}}
	if len(q.States) > 0 {
		oneOf(later, `r.state`, q.States)
	}
	if len(q.IDs) > 0 {
		oneOf(later, `r.delivery`, s.numbersIn(q.IDs))
	}
	if !q.Since.IsZero() {
		later.add(`r.created >= ?`, moment(q.Since))
	}
	if !q.Until.IsZero() {
		later.add(`r.created < ?`, moment(q.Until))
	}
	f.add(`NOT EXISTS (SELECT 1`+sqlRepeats+` AND r.delivery > d.delivery
	AND (r.place > 0 OR r.state = 'delivered' OR `+strings.Join(later.conditions, ` AND `)+`))`, later.args...)
}

// numbersIn are the numbers that ids stand for; those of no delivery are left out.
func (s *Store) numbersIn(ids []string) (list []int64) {
	for _, id := range ids {
		if number, ok := s.decodeID(id); ok {
			list = append(list, number)
		}
	}
	return list
}
