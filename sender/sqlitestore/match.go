package sqlitestore

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// jsonOf is a list for json_each: one statement for many numbers costs a fraction of one for each.
func jsonOf(list []int64) string {
	text, _ := json.Marshal(list) // numbers always encode
	return string(text)
}

const (
	sqlChanges = `(SELECT CAST(value AS INTEGER) FROM kirimhooks_meta WHERE name = 'changes')`

	sqlOnly = `
SELECT subscription FROM kirimhooks_subscriptions INDEXED BY kirimhooks_subscriptions_id
WHERE org = ? AND id = ? AND deleted_at = 0`

	sqlMatch = `
SELECT DISTINCT t.subscription FROM json_each(?2) CROSS JOIN kirimhooks_topics t
WHERE t.org = ?1 AND t.topic = json_each.value`
)

// match finds the subscriptions that a publication is for. While none changes it asks once for each list of topics.
func (tx *transaction) match(p *driver.Publication) (matches []*subscription, err error) {
	if tx.changes == 0 {
		if _, err := tx.row(sqlVersion, nil, &tx.changes); err != nil {
			return nil, err
		}
	}
	if p.Only != "" {
		return tx.findMatches(sqlOnly, p.Org, p.Only)
	}
	if len(p.Topics) == 0 {
		return nil, nil
	}
	key := sha256.Sum256(fmt.Appendf(nil, "%q %q", p.Org, p.Topics))
	if known, ok := tx.store.records.matched(key, tx.changes); ok {
		return known, nil
	}
	topics, err := json.Marshal(p.Topics)
	if err != nil {
		return nil, err
	}
	matches, err = tx.findMatches(sqlMatch, p.Org, string(topics))
	if err == nil {
		tx.store.records.putMatches(key, matches, tx.changes)
	}
	return matches, err
}

func (tx *transaction) findMatches(text string, args ...any) ([]*subscription, error) {
	list, err := tx.numbers(text, args...)
	if err != nil {
		return nil, err
	}
	found, err := tx.subscriptions(list, tx.changes)
	if err != nil {
		return nil, err
	}
	var matches []*subscription
	for _, number := range list {
		if s := found[number]; !s.gone { // else somebody deleted the row and left its topics
			matches = append(matches, s)
		}
	}
	return matches, nil
}
