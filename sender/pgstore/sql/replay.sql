-- Makes a delivery for each that may still be replayed, and tells its number. The lock on the event keeps Purge from
-- forgetting it, and a second replay from being made beside this one; the second statement sees what both left.
-- _named: only a replay of its own that is unfinished is in the way; else any later delivery of the same event and
-- subscription that is unfinished or was delivered. What else was selected is the caller's to know.
create function {schema}.replay(_org text, _number bigint[], _subscription bigint[], _named bool)
returns table (ord bigint, number bigint)
language plpgsql {indexed} {looped} as $$
#variable_conflict use_column
begin
perform 1 from (
  select distinct a.event from unnest(_number, _subscription) as o(number, subscription)
  cross join lateral (
    select a.event from {schema}.attempts a
    where a.org = _org and a.delivery = o.number and a.subscription = o.subscription and a.state > 0 limit 1) a
  order by a.event) x
cross join lateral (select 1 from {schema}.events e where e.number = x.event limit 1 for update) e;
return query
with o as materialized (
  select o.ord, o.number as replayed_from, o.subscription, a.event, a.is_test, nextval('{schema}.numbers') as number
  from unnest(_number, _subscription) with ordinality as o(number, subscription, ord)
  cross join lateral (
    select a.event, a.is_test from {schema}.attempts a
    where a.org = _org and a.delivery = o.number and a.subscription = o.subscription and a.state > 0 limit 1) a
  cross join lateral (select 1 from {schema}.events e where e.number = a.event limit 1) e
  cross join lateral (
    select 1 from {schema}.subscriptions s where s.number = o.subscription and s.status <> 'removed' limit 1) s
  where case when _named then
      not exists (
        select 1 from {schema}.replays r join {schema}.unfinished_deliveries d
          on d.org = _org and d.number = r.delivery and d.subscription = r.subscription
        where r.org = _org and r.replayed_from = o.number and r.subscription = o.subscription)
    else
      not exists (
        select 1 from {schema}.replays r
        where r.org = _org and r.event = a.event and r.subscription = o.subscription and r.delivery > o.number
          and (exists (
              select 1 from {schema}.unfinished_deliveries d
              where d.org = _org and d.number = r.delivery and d.subscription = r.subscription)
            or exists (
              select 1 from {schema}.attempts x
              where x.org = _org and x.subscription = r.subscription and x.delivery = r.delivery
                and x.state > 0 and x.state = 1)))
    end),
noted as (
  insert into {schema}.replays (org, delivery, subscription, replayed_from, event)
  select _org, number, subscription, replayed_from, event from o),
stored as (
  insert into {schema}.unfinished_deliveries (org, number, subscription, event, replayed_from, is_test, created_at,
    due_at)
  select _org, number, subscription, event, replayed_from, is_test, now(), now() from o)
select o.ord, o.number from o;
if found then
  perform pg_notify('{channel}', '');
end if;
end $$;
