-- Leases what is due: first some retries whose wait is over, then lane by lane. A lane is what is ready of one
-- subscription; they are visited round and round by number, from the cursor on. The cost depends on lanes visited and
-- rows taken, not on how many wait in a lane. Retries that are over and not taken are put in line behind their lane.
--
-- A lease or a wait that was written more than a minute ahead of the clock is over: the clock went back behind it. A
-- minute, because transactions that began earlier see what later ones wrote, and clocks are corrected all the time.
--
-- Answers one row for each part of the scan: what it leased, as arrays. Deliveries of which there is nothing else to
-- tell stand apart from those that have more to them (more_). The last row tells the rest. cursor: where the next scan
-- goes on; the limit may have cut the last lane, so that it is seen again. lanes: how many were visited. looked: how
-- many retries were looked at. again: some are left, or the clock went back. next_due: the time until the next is due,
-- in µs.
create function {schema}.claim(_limit int, _each int, _token bigint, _lease bigint, _cursor bigint, _quota jsonb,
  _lanes int, _look int, _retries int, _process bigint, _name text)
returns table (number bigint[], subscription bigint[], version bigint[], place tid[],
  more_number bigint[], more_subscription bigint[], more_version bigint[], more_place tid[], more_event bigint[],
  more_replayed_from bigint[], more_created_at timestamptz[], more_attempts_made int[], more_lapses int[],
  more_is_test bool[], more_reason text[], cursor bigint, lanes int, looked int, again bool, next_due bigint)
language plpgsql {indexed} {looped} as $$
#variable_conflict use_column
declare
  _until timestamptz := now() + _lease * interval '1 microsecond';
  _ahead timestamptz := now() + interval '1 minute';
  _due timestamptz;
  _left int := _limit;
  _visited int := 0;
  _last bigint;
  _looked int := 0;
  _again bool := false;
  _back bool := false;
  _from bigint := _cursor;
  _to bigint := 9223372036854775807;
  _n int;
  _whole int;
  _end bigint;
  _cut bigint;
  _old bigint[];
begin
-- It is tempting to commit this without waiting for the disk. A claim lost in a crash of the server would be a lease
-- that ended early. But then two processes hold one delivery, and neither knows.
if (select d.cancelling from {schema}.unfinished_deliveries d where d.cancelling order by d.subscription limit 1) then
  perform {schema}.end_cancelled();
end if;
-- The latest due alone is looked at: what is due before it waits no longer than a wait that was asked for.
if (select d.lease_ends_at > _ahead or d.due_at = 'infinity' from {schema}.unfinished_deliveries d
    where not d.ready order by d.due_at desc limit 1) then
  with latest as materialized (
    select d.ctid as place, d.lease_ends_at > _ahead or d.due_at = 'infinity' as stranded
    from {schema}.unfinished_deliveries d
    where not d.ready order by d.due_at desc limit _look for update skip locked)
  update {schema}.unfinished_deliveries d set ready = true, due_at = now()
  from latest l where d.ctid = l.place and l.stranded;
  _back := found;
end if;
select d.due_at into _due from {schema}.unfinished_deliveries d where not d.ready order by d.due_at limit 1;
if _due <= now() then
  with over as materialized (
    select d.ctid as place, d.subscription, d.is_test, d.due_at from {schema}.unfinished_deliveries d
    where not d.ready and d.due_at <= now() order by d.due_at limit _look for update skip locked),
  fitting as materialized (
    select o.*, s.id, s.version, coalesce(s.may
      and row_number() over (partition by o.subscription, s.may order by o.due_at)
        <= coalesce((_quota -> s.id)::int, _each), false) as fits
    from over o left join lateral (
      select s.id, s.version, s.status = 'active' or s.status <> 'removed' and o.is_test as may
      from {schema}.subscriptions s where s.number = o.subscription limit 1) s on true),
  chosen as materialized (
    select *, fits and count(*) filter (where fits) over (order by due_at rows unbounded preceding) <= _retries as lease
    from fitting),
  risen as (
    update {schema}.unfinished_deliveries d set ready = true,
      token = case when c.lease then _token else d.token end,
      lease_ends_at = case when c.lease then _until else d.lease_ends_at end,
      leased_at = case when c.lease then now() else d.leased_at end
    from chosen c where d.ctid = c.place
    returning d.number, d.subscription, d.ctid as place, d.event, d.replayed_from, d.created_at, d.attempts_made,
      d.lapses, d.is_test, d.reason, c.lease, c.id, c.version),
  leased as materialized (select * from risen where lease)
  select array_agg(number), array_agg(subscription), array_agg(version), array_agg(place), array_agg(event),
    array_agg(replayed_from), array_agg(created_at), array_agg(attempts_made), array_agg(lapses), array_agg(is_test),
    array_agg(reason), count(*),
    (select count(*) from chosen), (select bool_or(fits and not lease) from chosen),
    (select _quota || coalesce(jsonb_object_agg(id, greatest(0, coalesce((_quota -> id)::int, _each) - n)), '{}')
      from (select id, count(*) as n from leased group by id) x)
  into more_number, more_subscription, more_version, more_place, more_event, more_replayed_from, more_created_at,
    more_attempts_made, more_lapses, more_is_test, more_reason, _n, _looked, _again, _quota
  from leased;
  _left := _left - _n;
  return next;
  select d.due_at into _due from {schema}.unfinished_deliveries d
    where not d.ready and d.due_at > now() order by d.due_at limit 1;
end if;
loop
  with recursive lane(subscription, ord) as (
    (select d.subscription, 1 from {schema}.unfinished_deliveries d
      where d.ready and d.subscription > _from and d.subscription <= _to
      order by d.subscription, d.is_test desc, d.due_at limit 1)
    union all
    select x.subscription, l.ord + 1 from lane l cross join lateral (
      select d.subscription from {schema}.unfinished_deliveries d
      where d.ready and d.subscription > l.subscription and d.subscription <= _to
      order by d.subscription, d.is_test desc, d.due_at limit 1) x),
  visited as materialized (
    select l.subscription, l.ord, s.version, s.inactive,
      case when s.there then coalesce((_quota -> s.id)::int, _each) else 0 end as most
    from lane l left join lateral (
      select s.id, s.version, s.status <> 'active' as inactive, s.status <> 'removed' as there
      from {schema}.subscriptions s where s.number = l.subscription limit 1) s on true
    limit _lanes - _visited),
  chosen as materialized (
    select v.subscription, v.version, x.place, x.old
    from visited v cross join lateral (
      select d.ctid as place, d.token as old from {schema}.unfinished_deliveries d
      where d.ready and d.subscription = v.subscription and d.is_test >= v.inactive and not d.cancelling
        and (d.lease_ends_at <= now() or d.lease_ends_at = 'infinity' or coalesce(d.leased_at, d.created_at) > _ahead)
      order by d.subscription, d.is_test desc, d.due_at limit v.most for update skip locked) x
    limit _left),
  leased as (
    update {schema}.unfinished_deliveries d
    set token = _token, lease_ends_at = _until, leased_at = now(), lapses = d.lapses + (c.old > 0)::int
    from chosen c where d.ctid = c.place
    returning d.number, d.subscription, d.ctid as place, d.event, d.replayed_from, d.created_at, d.attempts_made,
      d.lapses, d.is_test, d.reason, c.version, c.old,
      d.event = d.number and d.attempts_made = 0 and d.lapses = 0 and not d.is_test and d.reason is null
        and d.created_at >= '0001-01-01Z' and d.created_at < '10000-01-01Z' as plain)
  select array_agg(number) filter (where plain), array_agg(subscription) filter (where plain),
    array_agg(version) filter (where plain), array_agg(place) filter (where plain),
    array_agg(number) filter (where not plain), array_agg(subscription) filter (where not plain),
    array_agg(version) filter (where not plain), array_agg(place) filter (where not plain),
    array_agg(event) filter (where not plain), array_agg(replayed_from) filter (where not plain),
    array_agg(created_at) filter (where not plain), array_agg(attempts_made) filter (where not plain),
    array_agg(lapses) filter (where not plain), array_agg(is_test) filter (where not plain),
    array_agg(reason) filter (where not plain), array_agg(old) filter (where not plain), count(*),
    case when count(*) < _left then (select count(*) from visited) end,
    case when count(*) < _left then (select v.subscription from visited v order by v.ord desc limit 1)
      else (select max(c.subscription) from chosen c
        where c.subscription < (select max(c.subscription) from chosen c)) end,
    (select max(c.subscription) from chosen c)
  into number, subscription, version, place, more_number, more_subscription, more_version, more_place, more_event,
    more_replayed_from, more_created_at, more_attempts_made, more_lapses, more_is_test, more_reason, _old, _n, _whole,
    _end, _cut
  from leased;
  if 0 < any(_old) then
    insert into {schema}.attempts (delivery, subscription, token, logged_at, event, replayed_from, created_at,
      attempt_number, attempts_made, lapsed, is_test, attempt_is_test, org, error_class)
    select o.number, o.subscription, o.old, now(), o.event, o.replayed_from, o.created_at, o.made + 1, o.made, true,
      o.is_test, o.is_test, s.org, 'unknown'
    from unnest(more_number, more_subscription, _old, more_event, more_replayed_from, more_created_at,
      more_attempts_made, more_is_test) as o(number, subscription, old, event, replayed_from, created_at, made, is_test)
    cross join lateral (select s.org from {schema}.subscriptions s where s.number = o.subscription limit 1) s
    where o.old > 0;
  end if;
  _left := _left - _n;
  _visited := _visited + coalesce(_whole, 0);
  _last := coalesce(_end, _last, _cut);
  exit when _whole is null or _visited >= _lanes or _from < _cursor or _cursor = 0;
  return next;   -- and on from the lowest number
  _from := 0;
  _to := _cursor;
end loop;
if _process <> 0 and _left > 0 then
  insert into {schema}.processes (id, asleep_until, name) values (_process, now() + interval '{asleep}', _name)
  on conflict (id) do update set asleep_until = excluded.asleep_until, name = excluded.name;
end if;
cursor := coalesce(_last, 0);
lanes := _visited;
looked := _looked;
again := coalesce(_again, false) or _back;
next_due := extract(epoch from _due - now()) * 1000000;
return next;
end $$;

-- Ends what was cancelled in flight and never heard of again.
create function {schema}.end_cancelled() returns void
language plpgsql {indexed} {looped} as $$
#variable_conflict use_column
begin
with over as materialized (
  select d.ctid as place from {schema}.unfinished_deliveries d
  where d.cancelling and (d.lease_ends_at <= now() or d.lease_ends_at = 'infinity'
    or coalesce(d.leased_at, d.created_at) > now() + interval '1 minute')
  order by d.subscription limit 1000 for update skip locked),
ended as (
  delete from {schema}.unfinished_deliveries d using over o where d.ctid = o.place returning d.*),
lapsed as (
  insert into {schema}.attempts (org, delivery, subscription, token, lapsed, event, replayed_from, created_at, is_test,
    attempt_is_test, attempt_number, attempts_made, error_class, logged_at)
  select org, number, subscription, token, true, event, replayed_from, created_at, is_test, is_test, attempts_made + 1,
    attempts_made, 'unknown', now()
  from ended)
insert into {schema}.attempts (org, delivery, subscription, token, lapsed, event, replayed_from, created_at, is_test,
  attempts_made, state, reason, logged_at)
select org, number, subscription, 0, false, event, replayed_from, created_at, is_test, attempts_made, 3, {cancelled},
  now()
from ended;
end $$;
