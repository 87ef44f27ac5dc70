package pgstore

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// selection is a DeliveryQuery in SQL. Its text is made anew for each combination of filters, so that every one is
// planned for what it asks: the conditions stand in both halves of the union, the queue and the log, and each half runs
// down an index until the page is full.
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
		slot, sub, ok := ids.decode(q.After)
		if !ok {
			return nil, notFound("delivery", q.Org, q.After)
		}
		sel.and("(d.slot, d.sub) < (%s, %s)", slot, sub)
	}
	if len(q.IDs) > 0 {
		var slots, subs []int64
		for _, id := range q.IDs {
			if slot, sub, ok := ids.decode(id); ok {
				slots, subs = append(slots, slot), append(subs, sub)
			}
		}
		sel.own("d.slot = any(%s::bigint[]) and (d.slot, d.sub) in (select * from unnest(%[1]s::bigint[], %s::bigint[]))", slots, subs)
	}
	if q.Subscription != "" {
		subs, err := s.numbers(ctx, `select sub from {schema}.subs where org = $1 and id = $2`, q.Org, q.Subscription)
		switch {
		case err != nil || len(subs) == 0:
			return nil, err
		case len(subs) == 1:
			sel.and("d.sub = %s", subs[0])
		default: // the id was used again after it was removed
			sel.and("d.sub = any(%s)", subs)
		}
	}
	if q.EventID != "" {
		slots, err := s.numbers(ctx, `with e as materialized (select slot from {schema}.events where org = $1 and id = $2)
			select slot from e union all select r.slot from e join {schema}.replays r on r.org = $1 and r.event = e.slot`, q.Org, q.EventID)
		if err != nil || len(slots) == 0 {
			return nil, err
		}
		sel.and("d.slot = any(%s)", slots)
	}
	for column, value := range map[string]string{"e.type": q.EventType, "e.device": q.Device, "e.channel": q.Channel} {
		if value != "" {
			sel.and(column+" = %s", value)
		}
	}
	if !q.Since.IsZero() {
		sel.own("d.created >= %s", storableTime(q.Since))
	}
	if !q.Until.IsZero() {
		sel.own("d.created < %s", storableTime(q.Until))
	}
	return sel, nil
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

// LIMIT 1 makes each of these a look-up by index.
const joined = `
	cross join lateral (select s.id, s.status, s.gone from {schema}.subs s where s.sub = d.sub limit 1) s
	cross join lateral (select e.id, e.type, e.device, e.channel from {schema}.events e where e.slot = d.event limit 1) e`

const shownState = `case when s.status = 'gone' then 3 when s.status = 'active' or not d.live then 0 else 4 end`

// page is the query for at most limit deliveries, newest first.
func (sel *selection) page(limit int) string {
	unfinished := sel.half(`(select d.slot, d.sub, d.parent, d.created, d.attempt, d.live, `+shownState+` as state,
		case when s.status = 'gone' then 'unsubscribed' else d.reason end as reason,
		case when s.status <> 'gone' and (d.token <= 0 or d.lease <= now()) then d.due end as next,
		case when s.status = 'gone' then case when d.lease <= now() then greatest(s.gone, d.lease) else s.gone end end as finished, s.id, e.id as event, e.type, null::bigint as by
		from (select q.*, q.at as created from {schema}.q) d`, limit, sel.shown())
	finished := sel.half(`(select d.slot, d.sub, d.parent, d.created, d.attempt, d.live, d.state, d.reason, null, d.logged, s.id, e.id, e.type,
		(select max(r.slot) from {schema}.replays r where r.org = d.org and r.parent = d.slot and r.sub = d.sub)
		from {schema}.log d`, limit, "d.state > 0", sel.ended())
	return fmt.Sprintf("%s union all %s order by slot desc, sub desc limit %d", unfinished, finished, limit)
}

// repeatable is the query for the keys of at most limit deliveries that can be replayed.
func (sel *selection) repeatable(named bool, limit int) string {
	obstacle := unfinishedReplay
	if !named {
		obstacle = sel.laterOne()
	}
	return sel.half("(select d.slot, d.sub from {schema}.log d", limit,
		"d.state > 0", sel.ended(), "s.status <> 'gone'", "not exists ("+obstacle+")")
}

// offset 0: never a join, which scans both tables where there are no statistics
const (
	unfinishedReplay = `select 1 from {schema}.replays r join {schema}.q on q.org = r.org and q.slot = r.slot and q.sub = r.sub
		where r.org = d.org and r.parent = d.slot and r.sub = d.sub offset 0`
	laterReplay = `select 1 from {schema}.replays r where r.org = d.org and r.event = d.event and r.sub = d.sub and r.slot > d.slot and (
		exists (select 1 from {schema}.q where q.org = r.org and q.slot = r.slot and q.sub = r.sub offset 0)
		or exists (select 1 from {schema}.log l where l.org = r.org and l.sub = r.sub and l.slot = r.slot and l.state > 0
			and (l.state = 1 or %s) offset 0)) offset 0`
)

// laterOne finds a later delivery of the same event and subscription that is unfinished, was delivered, or is selected too.
func (sel *selection) laterOne() string {
	conditions := append([]string{"true"}, sel.later...)
	if len(sel.states) > 0 {
		conditions = append(conditions, "l.state in ("+sel.numbers()+")")
	}
	return fmt.Sprintf(laterReplay, strings.Join(conditions, " and "))
}

// unfinished is the query for the keys of at most limit deliveries that are not finished, and more conditions.
func (sel *selection) unfinished(limit int, more ...string) string {
	return sel.half("(select d.slot, d.sub from (select q.*, q.at as created from {schema}.q) d", limit,
		append(more, sel.shown(), "s.status <> 'gone'")...)
}

func (sel *selection) half(from string, limit int, more ...string) string {
	conditions := append(slices.Clone(sel.where), more...)
	return fmt.Sprintf("%s %s where %s order by d.slot desc, d.sub desc limit %d)", from, joined, strings.Join(conditions, " and "), limit)
}

// The planner takes a CASE for true of every second row. Of other conditions on the state it expects next to none, and where
// a table was never analyzed it then sorts all that an org has, instead of walking down an index until the page is full.

// ended is the condition on the state of a finished delivery. Dead ones have an index.
func (sel *selection) ended() string {
	delivered, dead, cancelled := sel.wants(1), sel.wants(2), sel.wants(3)
	switch {
	case len(sel.states) == 0:
		return "true"
	case !delivered && !dead && !cancelled:
		return "false"
	case !delivered && !cancelled:
		return "d.state = 2"
	}
	return fmt.Sprintf("case d.state when 1 then %t when 2 then %t else %t end", delivered, dead, cancelled)
}

// shown is the condition on the state as which an unfinished delivery reads.
func (sel *selection) shown() string {
	pending, cancelled, held := sel.wants(0), sel.wants(3), sel.wants(shownHeld)
	switch {
	case len(sel.states) == 0:
		return "true"
	case !pending && !cancelled && !held:
		return "false"
	}
	return fmt.Sprintf("case when s.status = 'gone' then %t when s.status = 'active' or not d.live then %t else %t end",
		cancelled, pending, held)
}

// wants reports whether a state is selected.
func (sel *selection) wants(state int) bool {
	name := driver.StateHeld
	if state != shownHeld {
		name = stateNames[state]
	}
	return slices.Contains(sel.states, name)
}

// numbers are those of the wanted states, as literals: an index of dead deliveries can then be used.
func (sel *selection) numbers() string {
	var list []string
	for _, state := range sel.states {
		if n, ok := stateNumber(state); ok {
			list = append(list, fmt.Sprint(n))
		} else if state == driver.StateHeld {
			list = append(list, "4")
		}
	}
	if list == nil {
		return "-1" // no such state
	}
	return strings.Join(list, ", ")
}
