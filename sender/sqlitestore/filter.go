package sqlitestore

import (
	"context"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const defaultPage = 100

// filter is a query as SQL. One for deliveries names the index, since the planner would choose by statistics, which
// tell it of the table as a whole and nothing of the one org that asks.
type filter struct {
	index      string
	conditions []string
	args       []any
	nothing    bool // known to select nothing
}

func (f *filter) add(condition string, args ...any) {
	f.conditions = append(f.conditions, condition)
	f.args = append(f.args, args...)
}

// oneOf adds a condition on a list.
func oneOf[T any](f *filter, column string, list []T) {
	args := make([]any, len(list))
	for i := range list {
		args[i] = list[i]
	}
	switch len(list) {
	case 0:
		f.nothing = true
	case 1:
		f.add(column+` = ?`, args...) // so that the order of an index holds
	default:
		f.add(column+` IN (?`+strings.Repeat(`, ?`, len(list)-1)+`)`, args...)
	}
}

func (f *filter) where() string { return ` WHERE ` + strings.Join(f.conditions, ` AND `) }

// clauses is what stands behind the columns of deliveries.
func (f *filter) clauses() string {
	return ` FROM kirimhooks_deliveries d INDEXED BY ` + f.index + f.where() + ` ORDER BY d.delivery DESC LIMIT ?`
}

// limit is how many a query asks for.
func limit(n int) int {
	if n > 0 {
		return n
	}
	return defaultPage
}

// newFilter turns all but Limit into conditions.
func (s *Store) newFilter(ctx context.Context, q *driver.DeliveryQuery) (*filter, error) {
	if err := s.load(ctx); err != nil {
		return nil, err
	}
	f := &filter{index: `kirimhooks_by_org`}
	f.add(`d.org = ?`, q.Org)
	if len(q.States) == 1 && q.States[0] == driver.StateDead {
		f.index = `kirimhooks_dead`
		f.add(`d.state = 'dead'`)
	}
	if err := s.addReferences(ctx, f, q); err != nil {
		return nil, err
	}
	for _, x := range [...]struct{ column, value string }{
		{`type`, q.EventType}, {`device`, q.Device}, {`channel`, q.Channel},
	} {
		if x.value != "" {
			f.add(`(SELECT `+x.column+sqlOfEvent+` = ?`, x.value)
		}
	}
	if len(q.States) > 0 {
		oneOf(f, sqlShownState, q.States)
	}
	if q.Live != q.Test {
		f.add(`d.is_test = ?`, q.Test)
	}
	f.addSpan(`d.created_at`, q.Since, q.Until)
	return f, nil
}

func (f *filter) addSpan(column string, since, until time.Time) {
	if !since.IsZero() {
		f.add(column+` >= ?`, moment(since))
	}
	if !until.IsZero() {
		f.add(column+` < ?`, moment(until))
	}
}

const (
	// sqlEverOf finds all subscriptions that ever had an id, as long as they are remembered.
	sqlEverOf = `
SELECT subscription FROM kirimhooks_subscriptions INDEXED BY kirimhooks_subscriptions_id
WHERE org = ?1 AND id = ?2 AND deleted_at = 0 UNION ALL
SELECT subscription FROM kirimhooks_subscriptions INDEXED BY kirimhooks_subscriptions_deleted
WHERE org = ?1 AND id = ?2 AND deleted_at > 0`

	sqlEventOfID = `SELECT event FROM kirimhooks_events WHERE org = ? AND id = ?`
)

// addReferences adds the conditions on what has a number of its own, and chooses the index that leaves least.
func (s *Store) addReferences(ctx context.Context, f *filter, q *driver.DeliveryQuery) error {
	for _, x := range [...]struct{ id, text, index, column string }{
		{q.Subscription, sqlEverOf, `kirimhooks_by_subscription`, `d.subscription`},
		{q.EventID, sqlEventOfID, `kirimhooks_by_event`, `d.event`},
	} {
		if x.id == "" {
			continue
		}
		found, err := s.numbers(ctx, x.text, q.Org, x.id)
		if err != nil {
			return err
		}
		f.index = x.index
		oneOf(f, x.column, found)
	}
	if len(q.IDs) > 0 {
		f.index = `kirimhooks_by_org`
		oneOf(f, `d.delivery`, s.decodeIDs(q.IDs))
	}
	if q.After != "" {
		number, ok := s.decodeID(q.After)
		if !ok {
			return notFound("delivery", q.Org, q.After)
		}
		f.add(`d.delivery < ?`, number)
	}
	return nil
}
