-- Locks deliveries, and tells which. Outcomes are written in an order of their own: whoever waited for one of several
-- locks might be waited for because of another. So what somebody else holds is left out, unless it is asked for alone
-- (_wait).
create function {schema}.lock_deliveries(_org text, _number bigint[], _subscription bigint[], _wait bool,
  out numbers bigint[], out subscriptions bigint[])
language plpgsql {indexed} {looped} as $$
begin
if _wait then
  select array_agg(o.number), array_agg(o.subscription) into numbers, subscriptions
  from unnest(_number[1:1], _subscription[1:1]) as o(number, subscription)
  cross join lateral (
    select 1 from {schema}.unfinished_deliveries d
    where d.org = _org and d.number = o.number and d.subscription = o.subscription limit 1 for update) d;
else
  select array_agg(o.number), array_agg(o.subscription) into numbers, subscriptions
  from unnest(_number, _subscription) as o(number, subscription)
  cross join lateral (
    select 1 from {schema}.unfinished_deliveries d
    where d.org = _org and d.number = o.number and d.subscription = o.subscription limit 1 for update skip locked) d;
end if;
end $$;

-- Ends what waits or has outlived its lease, and marks what is in flight. The second statement sees what the first has
-- waited for.
create function {schema}.cancel(_org text, _number bigint[], _subscription bigint[], _wait bool)
returns table (number bigint, subscription bigint, ended bool)
language plpgsql {indexed} {looped} as $$
#variable_conflict use_column
begin
select l.numbers, l.subscriptions into _number, _subscription
from {schema}.lock_deliveries(_org, _number, _subscription, _wait) l;
return query
with t as materialized (
  select x.place, x.in_flight from unnest(_number, _subscription) as o(number, subscription)
  cross join lateral (
    select 1 from {schema}.subscriptions s where s.number = o.subscription and s.status <> 'removed' limit 1) s
  cross join lateral (
    select d.ctid as place, d.token > 0 and d.lease_ends_at > now() as in_flight, d.cancelling
    from {schema}.unfinished_deliveries d
    where d.org = _org and d.number = o.number and d.subscription = o.subscription limit 1) x
  where not x.cancelling),
ended as (
  delete from {schema}.unfinished_deliveries d using t where d.ctid = t.place and not t.in_flight returning d.*),
logged as (
  insert into {schema}.attempts (org, delivery, subscription, token, lapsed, event, replayed_from, created_at, is_test,
    attempts_made, state, reason, logged_at)
  select org, number, subscription, 0, false, event, replayed_from, created_at, is_test, attempts_made, 3, {cancelled},
    now()
  from ended),
marked as (
  update {schema}.unfinished_deliveries d set cancelling = true, reason = {cancelled}
  from t where d.ctid = t.place and t.in_flight
  returning d.number, d.subscription)
select number, subscription, true from ended union all select number, subscription, false from marked;
end $$;

-- Makes what waits for a retry due.
create function {schema}.retry_now(_org text, _number bigint[], _subscription bigint[], _wait bool)
returns table (number bigint, subscription bigint, ended bool)
language plpgsql {indexed} {looped} as $$
#variable_conflict use_column
begin
select l.numbers, l.subscriptions into _number, _subscription
from {schema}.lock_deliveries(_org, _number, _subscription, _wait) l;
return query
with t as materialized (
  select x.place from unnest(_number, _subscription) as o(number, subscription)
  cross join lateral (
    select 1 from {schema}.subscriptions s where s.number = o.subscription and s.status <> 'removed' limit 1) s
  cross join lateral (
    select d.ctid as place, d.ready, d.due_at from {schema}.unfinished_deliveries d
    where d.org = _org and d.number = o.number and d.subscription = o.subscription limit 1) x
  where not x.ready and x.due_at > now())
update {schema}.unfinished_deliveries d
set ready = true, due_at = now(), lease_ends_at = least(d.lease_ends_at, now())
from t where d.ctid = t.place
returning d.number, d.subscription, false;
if found then
  perform pg_notify('{channel}', '');
end if;
end $$;
