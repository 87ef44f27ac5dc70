package pgstore

import (
	"context"
	"time"
)

// The lanes as claim.sql walks them, the head of each; and what has fallen due since the last claim, of which a
// thousand are enough.
const sqlOldestDue = `with recursive lane(subscription) as (
	(select d.subscription from {schema}.unfinished_deliveries d
		where d.ready order by d.subscription, d.is_test desc, d.due_at limit 1)
	union all
	select x.subscription from lane l cross join lateral (
		select d.subscription from {schema}.unfinished_deliveries d
		where d.ready and d.subscription > l.subscription
		order by d.subscription, d.is_test desc, d.due_at limit 1) x),
heads as (
	select h.due_at from lane l
	cross join lateral (
		select s.status = 'active' as active from {schema}.subscriptions s
		where s.number = l.subscription and s.status <> 'removed' limit 1) s
	cross join lateral (values (true), (false)) as t(is_test)
	cross join lateral (
		select d.due_at from {schema}.unfinished_deliveries d
		where d.ready and d.subscription = l.subscription and d.is_test = t.is_test and (s.active or t.is_test)
			and not d.cancelling and d.lease_ends_at <= now()
		order by d.subscription, d.is_test desc, d.due_at limit 1) h
	union all
	select o.due_at from (
		select d.due_at, d.subscription, d.is_test from {schema}.unfinished_deliveries d
		where not d.ready and d.due_at <= now() order by d.due_at limit 1000) o
	cross join lateral (
		select s.status = 'active' or o.is_test as goes from {schema}.subscriptions s
		where s.number = o.subscription and s.status <> 'removed' limit 1) s
	where s.goes)
select coalesce((extract(epoch from now() - min(due_at)) * 1000000)::bigint, 0) from heads`

// OldestDue implements [driver.Backlog]. It looks up the head of each subscription that has something ready, and walks
// past what is in flight there.
func (s *Store) OldestDue(ctx context.Context) (age time.Duration, err error) {
	defer wrap(&err, "oldest due")
	ctx, cancel, _, err := s.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer cancel()
	var micros int64
	err = s.row(ctx, s.sql.in(sqlOldestDue), nil, &micros)
	return time.Duration(max(0, micros)) * time.Microsecond, err
}
