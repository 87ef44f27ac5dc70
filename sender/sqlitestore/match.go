package sqlitestore

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// match is a subscription that an event is for.
type match struct {
	sub    int64
	record *driver.SubscriptionRecord
	broken bool // the record does not decode: a claim will set its delivery aside
}

func (m match) active() bool { return m.record.Status == driver.StatusActive }

const (
	sqlOnly = `
SELECT sub, CAST(version AS INTEGER) FROM kirimhooks_subscriptions INDEXED BY kirimhooks_subscriptions_id WHERE org = ? AND id = ? AND gone = 0`

	sqlMatchHead = `
SELECT t.sub, ` + sqlVersion + ` FROM (SELECT DISTINCT sub FROM kirimhooks_topics WHERE org = ? AND topic IN (`
	sqlMatchTail = `)) t`

	// A join would leave the planner free to walk all subscriptions.
	sqlVersion = `(SELECT CAST(version AS INTEGER) FROM kirimhooks_subscriptions WHERE sub = t.sub)`
)

// maxTopics is the longest list for which a statement is kept ready.
const maxTopics = 64

// sqlMatch finds the subscriptions that have one of n topics.
func sqlMatch(n int) string { return sqlMatchHead + strings.Repeat("?,", n-1) + "?" + sqlMatchTail }

// match finds the subscriptions that a publication is for. Publications of one kind often come together, and nothing changes
// within a transaction, so it asks once for each list of topics. Lists are filled up to the next power of two: a few statements do for all.
func (tx *transaction) match(p *driver.Publication) (matches []match, err error) {
	if p.Only != "" {
		return tx.findMatches(sqlOnly, p.Org, p.Only)
	}
	if len(p.Topics) == 0 {
		return nil, nil
	}
	key := fmt.Sprintf("%q %q", p.Org, p.Topics)
	if known, ok := tx.matches[key]; ok {
		return known, nil
	}
	n := 1
	for n < len(p.Topics) {
		n *= 2
	}
	args := []any{p.Org}
	for i := range n {
		args = append(args, p.Topics[min(i, len(p.Topics)-1)])
	}
	matches, err = tx.findMatches(sqlMatch(n), args...)
	if tx.matches == nil {
		tx.matches = map[string][]match{}
	}
	tx.matches[key] = matches
	return matches, err
}

func (tx *transaction) findMatches(text string, args ...any) ([]match, error) {
	var versions []int64
	var matches []match
	err := tx.each(text, args, func(scan scanner) error {
		var sub int64
		var version sql.NullInt64
		err := scan(&sub, &version)
		if version.Valid { // else somebody deleted the subscription and left its topics
			matches, versions = append(matches, match{sub: sub}), append(versions, version.Int64)
		}
		return err
	})
	for i := range matches {
		if err != nil {
			return nil, err
		}
		m := &matches[i]
		m.record, err = tx.subscription(m.sub, versions[i])
		if m.broken = errors.Is(err, driver.ErrUnreadable); m.broken {
			err = nil
		}
	}
	return matches, err
}
