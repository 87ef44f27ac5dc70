package sqlitestore

import (
	"context"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const defaultPage = 100

// filter is a query as SQL. It names the index, since the planner would choose by statistics, which tell it of the table as a
// whole and nothing of the one org that asks.
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

// clauses is what stands behind the columns.
func (f *filter) clauses() string {
	return ` FROM kirimhooks_deliveries d ` + f.index + `
WHERE ` + strings.Join(f.conditions, ` AND `) + ` ORDER BY d.delivery DESC LIMIT ?`
}

func limit(q *driver.DeliveryQuery) int {
	if q.Limit > 0 {
		return q.Limit
	}
	return defaultPage
}

// newFilter turns all but Limit into conditions.
func (s *Store) newFilter(ctx context.Context, q *driver.DeliveryQuery) (*filter, error) {
	if err := s.load(ctx); err != nil {
		return nil, err
	}
	f := &filter{index: `INDEXED BY kirimhooks_by_org`}
	f.add(`d.org = ?`, q.Org)
	if len(q.States) == 1 && q.States[0] == driver.StateDead {
		f.index = `INDEXED BY kirimhooks_dead`
		f.add(`d.state = 'dead'`)
	}
	if err := s.addReferences(ctx, f, q); err != nil {
		return nil, err
	}
	for _, x := range [...]struct{ column, value string }{{`type`, q.EventType}, {`device`, q.Device}, {`channel`, q.Channel}} {
		if x.value != "" {
			f.add(`(SELECT `+x.column+sqlOfEvent+` = ?`, x.value)
		}
	}
	if len(q.States) > 0 {
		oneOf(f, sqlShownState, q.States)
	}
	if !q.Since.IsZero() {
		f.add(`d.created >= ?`, moment(q.Since))
	}
	if !q.Until.IsZero() {
		f.add(`d.created < ?`, moment(q.Until))
	}
	return f, nil
}

// moment is t by the store's clock, or as near as that can get.
func moment(t time.Time) int64 {
	switch seconds := t.Unix(); { // not the year: past the end of time it wraps
	case seconds <= -never/int64(time.Second):
		return -never
	case seconds >= never/int64(time.Second):
		return never
	}
	return t.UnixNano()
}

// sqlSubs finds all that ever had an id, as long as they are remembered.
const sqlSubs = `
SELECT sub FROM kirimhooks_subscriptions INDEXED BY kirimhooks_subscriptions_id WHERE org = ?1 AND id = ?2 AND gone = 0 UNION ALL
SELECT sub FROM kirimhooks_subscriptions INDEXED BY kirimhooks_subscriptions_gone WHERE org = ?1 AND id = ?2 AND gone > 0`

// addReferences adds the conditions on what has a number of its own, and chooses the index that leaves least.
func (s *Store) addReferences(ctx context.Context, f *filter, q *driver.DeliveryQuery) error {
	if q.Subscription != "" {
		subs, err := s.numbersOf(ctx, sqlSubs, q.Org, q.Subscription)
		if err != nil {
			return err
		}
		f.index = `INDEXED BY kirimhooks_by_sub`
		oneOf(f, `d.sub`, subs)
	}
	if q.EventID != "" {
		const text = `SELECT event FROM kirimhooks_events WHERE org = ? AND id = ?`
		events, err := s.numbersOf(ctx, text, q.Org, q.EventID)
		if err != nil {
			return err
		}
		f.index = `INDEXED BY kirimhooks_by_event`
		oneOf(f, `d.event`, events)
	}
	if len(q.IDs) > 0 {
		f.index = `INDEXED BY kirimhooks_by_org`
		oneOf(f, `d.delivery`, s.numbersIn(q.IDs))
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

func (s *Store) numbersOf(ctx context.Context, text, org, id string) (list []int64, err error) {
	err = s.read(ctx, text, []any{org, id}, func(scan scanner) error {
		var n int64
		err := scan(&n)
		list = append(list, n)
		return err
	})
	return list, err
}
