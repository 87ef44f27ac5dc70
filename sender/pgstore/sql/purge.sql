-- One Purge at a time: two that take the last deliveries of one event would each leave it to the other.
-- What somebody else holds, if only to write down what came of a lease that ended long ago, stays until the next one:
-- to wait for it in an order of its own would deadlock. Only for replays it waits, and locks events in their order.
create function {schema}.lock_purge() returns bool
language sql as $$ select pg_try_advisory_xact_lock(hashtextextended('{schema}.purge', 0)) $$;

-- Forgets what finished before _age ago, and events that no other delivery needs.
create function {schema}.purge_finished(_age interval, _identity interval, _limit int)
returns table (finished bigint, forgotten bigint)
language plpgsql {indexed} {looped} as $$
declare
  _events bigint[];
begin
finished := 0; forgotten := 0;
if not {schema}.lock_purge() then
  return next; return;
end if;
with old as materialized (
  select a.org, a.delivery, a.subscription, a.event, a.replayed_from from {schema}.attempts a
  where a.state > 0 and a.logged_at <= now() - _age order by a.logged_at limit _limit),
rows as (
  delete from {schema}.attempts a using old
  where a.org = old.org and a.delivery = old.delivery and a.subscription = old.subscription),
notes as (
  delete from {schema}.replays r using old
  where r.org = old.org and r.replayed_from = old.replayed_from and r.subscription = old.subscription
    and r.delivery = old.delivery)
select count(*), array_agg(distinct event) into finished, _events from old;
-- a replay that is being made holds the event; what it made is seen by the next statement
perform 1 from (select unnest(_events) as number order by 1) x
  cross join lateral (select 1 from {schema}.events e where e.number = x.number limit 1 for update) e;
with free as materialized (
  select e.place, e.published_at from (select unnest(_events) as number) x cross join lateral (
    select e.ctid as place, e.org, e.number, e.published_at from {schema}.events e where e.number = x.number limit 1) e
  where not exists (select 1 from {schema}.unfinished_deliveries d where d.org = e.org and d.number = e.number)
    and not exists (select 1 from {schema}.attempts a where a.org = e.org and a.delivery = e.number)
    and not exists (select 1 from {schema}.replays r where r.org = e.org and r.event = e.number)),
kept as (
  update {schema}.events e set unreferenced = true from free f
  where e.ctid = f.place and f.published_at > now() - _identity),
gone as (
  delete from {schema}.events e using free f where e.ctid = f.place and f.published_at <= now() - _identity returning 1)
select count(*) into forgotten from gone;
return next;
end $$;

-- Forgets events without deliveries that were published before _identity ago.
create function {schema}.purge_unreferenced(_identity interval, _limit int) returns bigint
language plpgsql {indexed} {looped} as $$
declare
  _n bigint;
begin
if not {schema}.lock_purge() then
  return 0;
end if;
with old as materialized (
  select e.ctid as place from {schema}.events e
  where e.unreferenced and e.published_at <= now() - _identity order by e.published_at limit _limit
  for update skip locked)
delete from {schema}.events e using old where e.ctid = old.place;
get diagnostics _n = row_count;
return _n;
end $$;

-- Ends what waits for subscriptions that were removed, as of then, or of when what was in flight was let go.
create function {schema}.cancel_unsubscribed(_limit int) returns bigint
language plpgsql {indexed} {looped} as $$
declare
  _n bigint;
begin
if not {schema}.lock_purge() then
  return 0;
end if;
with rows as materialized (
  select x.place, s.removed_at from {schema}.subscriptions s cross join lateral (
    select * from (select d.ctid as place from {schema}.unfinished_deliveries d
      where d.ready and d.subscription = s.number and d.lease_ends_at <= now() limit _limit
      for update skip locked) ready
    union all
    select * from (select d.ctid from {schema}.unfinished_deliveries d
      where not d.ready and d.subscription = s.number limit _limit for update skip locked) waiting) x
  where s.removed_at < 'infinity' and not s.drained limit _limit),
ended as (
  delete from {schema}.unfinished_deliveries d using rows r
  where d.ctid = r.place and d.lease_ends_at <= now() returning d.*, r.removed_at)
insert into {schema}.attempts (org, delivery, subscription, token, lapsed, event, replayed_from, created_at, is_test,
  attempts_made, state, reason, logged_at)
select org, number, subscription, 0, false, event, replayed_from, created_at, is_test, attempts_made, 3, {unsubscribed},
  greatest(removed_at, lease_ends_at)
from ended;
get diagnostics _n = row_count;
return _n;
end $$;

-- Ends the oldest held deliveries, of the subscriptions after _after in order: beyond _max, or older than _age. last is
-- the last subscription looked at, null if there was none.
create function {schema}.trim_held(_after bigint, _max bigint, _age interval, _limit int)
returns table (last bigint, trimmed bigint)
language plpgsql {indexed} {looped} as $$
declare
  _s bigint;
  _n bigint;
begin
trimmed := 0;
if not {schema}.lock_purge() then
  return next; return;
end if;
for _s in
  select s.number from {schema}.subscriptions s
  where s.status not in ('active', 'removed') and s.number > _after order by s.number limit 64
loop
  with held as (
    select x.*, row_number() over (order by x.number desc) as rank from (
      select d.ctid as place, d.number, d.created_at from {schema}.unfinished_deliveries d
      where d.ready and d.subscription = _s and not d.is_test and d.lease_ends_at <= now()
      union all
      select d.ctid, d.number, d.created_at from {schema}.unfinished_deliveries d
      where not d.ready and d.subscription = _s and not d.is_test) x),
  rows as materialized (
    select d.ctid as place from (
      select place from held where rank > _max or created_at <= now() - _age order by number limit _limit - trimmed) h
    join {schema}.unfinished_deliveries d on d.ctid = h.place for update of d skip locked),
  ended as (
    delete from {schema}.unfinished_deliveries d using rows r
    where d.ctid = r.place and d.lease_ends_at <= now() returning d.*)
  insert into {schema}.attempts (org, delivery, subscription, token, lapsed, event, replayed_from, created_at, is_test,
    attempts_made, state, reason, logged_at)
  select org, number, subscription, 0, false, event, replayed_from, created_at, is_test, attempts_made, 3, {trimmed},
    now()
  from ended;
  get diagnostics _n = row_count;
  trimmed := trimmed + _n;
  last := _s;
  exit when trimmed >= _limit;
end loop;
return next;
end $$;

-- Forgets minutes of more than a day ago, processes that are gone, and names that nothing in the attempts needs.
create function {schema}.purge_leftovers(_limit int) returns void
language plpgsql {indexed} {looped} as $$
begin
if not {schema}.lock_purge() then
  return;
end if;
perform {schema}.add_minutes();
with old as materialized (
  select m.ctid as place from {schema}.minutes m where m.minute < now() - interval '1 day'
  order by m.minute limit _limit for update skip locked)
delete from {schema}.minutes m using old where m.ctid = old.place;
delete from {schema}.processes where asleep_until < now() - interval '1 day';
-- a publication that still saw the subscription may commit long after its removal
update {schema}.subscriptions s set drained = true where removed_at < now() - interval '1 day' and not drained
  and not exists (select 1 from {schema}.unfinished_deliveries d where d.ready and d.subscription = s.number)
  and not exists (select 1 from {schema}.unfinished_deliveries d where not d.ready and d.subscription = s.number);
with old as materialized (
  select s.ctid as place from {schema}.subscriptions s where s.removed_at < 'infinity' and s.drained
    and not exists (
      select 1 from {schema}.attempts a where a.org = s.org and a.subscription = s.number and a.state > 0) limit _limit)
delete from {schema}.subscriptions s using old where s.ctid = old.place;
end $$;
