package pgstore

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// LIMIT 1 makes each of these a look-up by index.
const joined = `
	cross join lateral (
		select s.id, s.status, s.removed_at from {schema}.subscriptions s where s.number = d.subscription limit 1) s
	cross join lateral (
		select e.id, e.type, e.device, e.channel from {schema}.events e where e.number = d.event limit 1) e`

// Both halves of a list, each with the columns of the other. Finished deliveries have the names of unfinished ones.
const (
	unfinishedRows = `(
		select d.number, d.subscription, d.replayed_from, d.created_at, d.attempts_made, d.is_test,
			case when s.status = 'removed' then 3 when s.status = 'active' or d.is_test then 0 else 4 end as state,
			case when s.status = 'removed' then '` + driver.ReasonUnsubscribed + `' else d.reason end as reason,
			case when s.status <> 'removed' and (d.token <= 0 or d.lease_ends_at <= now()) then d.due_at end as next,
			case when s.status = 'removed' then
				case when d.lease_ends_at <= now() then greatest(s.removed_at, d.lease_ends_at) else s.removed_at end
			end as finished,
			s.id, e.id as event, e.type, null::bigint as replayed_by
		from {schema}.unfinished_deliveries d`
	finishedRows = `(
		select d.number, d.subscription, d.replayed_from, d.created_at, d.attempts_made, d.is_test, d.state, d.reason,
			null, d.logged_at, s.id, e.id, e.type, (
				select max(r.delivery) from {schema}.replays r
				where r.org = d.org and r.replayed_from = d.number and r.subscription = d.subscription)
		from ` + finished + ` d`
	finished = `(select a.*, a.delivery as number from {schema}.attempts a)`
)

// page is the query for at most limit deliveries, newest first.
func (sel *selection) page(limit int) string {
	return fmt.Sprintf("%s union all %s order by number desc, subscription desc limit %d",
		sel.half(unfinishedRows, limit, sel.shown()), sel.half(finishedRows, limit, "d.state > 0", sel.ended()), limit)
}

// replayable is the query for the keys of at most limit deliveries that can be replayed.
func (sel *selection) replayable(named bool, limit int) string {
	obstacle := unfinishedReplay
	if !named {
		obstacle = sel.laterOne()
	}
	return sel.half("(select d.number, d.subscription from "+finished+" d", limit,
		"d.state > 0", sel.ended(), "s.status <> 'removed'", "not exists ("+obstacle+")")
}

// offset 0: never a join, which scans both tables where there are no statistics
const (
	unfinishedReplay = `
		select 1 from {schema}.replays r join {schema}.unfinished_deliveries u
			on u.org = r.org and u.number = r.delivery and u.subscription = r.subscription
		where r.org = d.org and r.replayed_from = d.number and r.subscription = d.subscription offset 0`
	laterReplay = `
		select 1 from {schema}.replays r
		where r.org = d.org and r.event = d.event and r.subscription = d.subscription and r.delivery > d.number and (
			exists (
				select 1 from {schema}.unfinished_deliveries u
				where u.org = r.org and u.number = r.delivery and u.subscription = r.subscription offset 0)
			or exists (
				select 1 from ` + finished + ` l
				where l.org = r.org and l.subscription = r.subscription and l.number = r.delivery and l.state > 0
					and (l.state = 1 or %s) offset 0)) offset 0`
)

// laterOne finds a later delivery of the same event and subscription that is unfinished, was delivered, or is selected
// too.
func (sel *selection) laterOne() string {
	conditions := append([]string{"true"}, sel.later...)
	if len(sel.states) > 0 {
		conditions = append(conditions, "l.state in ("+sel.numbers()+")")
	}
	return fmt.Sprintf(laterReplay, strings.Join(conditions, " and "))
}

// unfinished is the query for the keys of at most limit deliveries that are not finished, and more conditions.
func (sel *selection) unfinished(limit int, more ...string) string {
	return sel.half("(select d.number, d.subscription from {schema}.unfinished_deliveries d", limit,
		append(more, sel.shown(), "s.status <> 'removed'")...)
}

func (sel *selection) half(from string, limit int, more ...string) string {
	conditions := append(slices.Clone(sel.where), more...)
	return fmt.Sprintf("%s %s where %s order by d.number desc, d.subscription desc limit %d)",
		from, joined, strings.Join(conditions, " and "), limit)
}
