package pgstore

import (
	"context"
	"fmt"
	"strings"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// selection is a DeliveryQuery in SQL. Its text is made anew for each combination of filters, so that every one is
// planned for what it asks: the conditions stand in both halves of the union, unfinished and finished deliveries, and
// each half runs down an index until the page is full.
type selection struct {
	args   []any
	where  []string
	later  []string // those of them that tell the deliveries of one event and subscription apart, for l
	states []driver.State
}

// newSelection resolves the names in q. It returns nil if nothing can match.
func (s *Store) newSelection(ctx context.Context, ids *ids, q *driver.DeliveryQuery) (*selection, error) {
	if !storable(q.Org, q.Subscription, q.EventID, q.EventType, q.Device, q.Channel) {
		return nil, nil
	}
	sel := &selection{states: q.States}
	sel.and("d.org = %s", q.Org)
	if q.After != "" {
		k, ok := ids.decode(q.After)
		if !ok {
			return nil, notFound("delivery", q.Org, q.After)
		}
		sel.and("(d.number, d.subscription) < (%s, %s)", k.number, k.subscription)
	}
	if len(q.IDs) > 0 {
		sel.among(ids, q.IDs)
	}
	if found, err := s.bySubscription(ctx, sel, q); err != nil || !found {
		return nil, err
	}
	if found, err := s.byEvent(ctx, sel, q); err != nil || !found {
		return nil, err
	}
	for column, value := range map[string]string{"e.type": q.EventType, "e.device": q.Device, "e.channel": q.Channel} {
		if value != "" {
			sel.and(column+" = %s", value)
		}
	}
	if q.Live != q.Test {
		sel.and("d.is_test = %s", q.Test)
	}
	if !q.Since.IsZero() {
		sel.own("d.created_at >= %s", storableTime(q.Since))
	}
	if !q.Until.IsZero() {
		sel.own("d.created_at < %s", storableTime(q.Until))
	}
	return sel, nil
}

func (sel *selection) among(ids *ids, list []string) {
	var keys []key
	for _, id := range list {
		if k, ok := ids.decode(id); ok {
			keys = append(keys, k)
		}
	}
	numbers, subscriptions := columnsOf(keys)
	sel.own(`d.number = any(%s::bigint[]) and (d.number, d.subscription) in (
		select * from unnest(%[1]s::bigint[], %s::bigint[]))`, numbers, subscriptions)
}

// bySubscription reports false if there is no such subscription.
func (s *Store) bySubscription(ctx context.Context, sel *selection, q *driver.DeliveryQuery) (bool, error) {
	if q.Subscription == "" {
		return true, nil
	}
	list, err := s.numbers(ctx, `select number from {schema}.subscriptions where org = $1 and id = $2`,
		q.Org, q.Subscription)
	switch {
	case err != nil || len(list) == 0:
		return false, err
	case len(list) == 1:
		sel.and("d.subscription = %s", list[0])
	default: // the id was used again after it was removed
		sel.and("d.subscription = any(%s)", list)
	}
	return true, nil
}

// byEvent reports false if there is no such event.
func (s *Store) byEvent(ctx context.Context, sel *selection, q *driver.DeliveryQuery) (bool, error) {
	if q.EventID == "" {
		return true, nil
	}
	list, err := s.numbers(ctx, `
		with e as materialized (select number from {schema}.events where org = $1 and id = $2)
		select number from e
		union all
		select r.delivery from e join {schema}.replays r on r.org = $1 and r.event = e.number`, q.Org, q.EventID)
	if err != nil || len(list) == 0 {
		return false, err
	}
	sel.and("d.number = any(%s)", list)
	return true, nil
}

// numbers runs a query for one column.
func (s *Store) numbers(ctx context.Context, text string, args ...any) (list []int64, err error) {
	err = s.each(ctx, s.sql.in(text), args, func(row scanner) error {
		var n int64
		if err := row.Scan(&n); err != nil {
			return err
		}
		list = append(list, n)
		return nil
	})
	return list, err
}

// and adds a condition; each %s is an argument.
func (sel *selection) and(condition string, args ...any) {
	names := make([]any, len(args))
	for i, a := range args {
		sel.args = append(sel.args, a)
		names[i] = fmt.Sprintf("$%d", len(sel.args))
	}
	sel.where = append(sel.where, fmt.Sprintf(condition, names...))
}

// own adds a condition on the delivery itself, rather than on its event or subscription.
func (sel *selection) own(condition string, args ...any) {
	sel.and(condition, args...)
	sel.later = append(sel.later, strings.ReplaceAll(sel.where[len(sel.where)-1], "d.", "l."))
}
