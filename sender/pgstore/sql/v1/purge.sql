-- One Purge at a time: two that take the last deliveries of one event would each leave it to the other.
-- What somebody else holds, if only to write down what came of a lease that ended long ago, stays until the next one: to wait
-- for it in an order of its own would deadlock. Only for replays it waits, and locks events in their order.
create function {schema}.alone() returns bool
language sql as $$ select pg_try_advisory_xact_lock(hashtextextended('{schema}.purge', 0)) $$;

-- Forgets what finished before _age ago, and events that no other delivery needs.
create function {schema}.purge_finished(_age interval, _identity interval, _limit int)
returns table (deliveries bigint, events bigint)
language plpgsql {indexed} {looped} as $$
declare
  _events bigint[];
begin
deliveries := 0; events := 0;
if not {schema}.alone() then
  return next; return;
end if;
with old as materialized (
  select l.org, l.slot, l.sub, l.event, l.parent from {schema}.log l
  where l.state > 0 and l.logged <= now() - _age order by l.logged limit _limit),
rows as (
  delete from {schema}.log l using old where l.org = old.org and l.slot = old.slot and l.sub = old.sub),
notes as (
  delete from {schema}.replays r using old where r.org = old.org and r.parent = old.parent and r.sub = old.sub and r.slot = old.slot)
select count(*), array_agg(distinct event) into deliveries, _events from old;
-- a replay that is being made holds the event; what it made is seen by the next statement
perform 1 from (select unnest(_events) as slot order by 1) x
  cross join lateral (select 1 from {schema}.events e where e.slot = x.slot limit 1 for update) e;
with free as materialized (
  select e.cid, e.at from (select unnest(_events) as slot) x cross join lateral (
    select e.ctid as cid, e.org, e.slot, e.at from {schema}.events e where e.slot = x.slot limit 1) e
  where not exists (select 1 from {schema}.q where q.org = e.org and q.slot = e.slot)
    and not exists (select 1 from {schema}.log l where l.org = e.org and l.slot = e.slot)
    and not exists (select 1 from {schema}.replays r where r.org = e.org and r.event = e.slot)),
kept as (
  update {schema}.events e set idle = true from free f where e.ctid = f.cid and f.at > now() - _identity),
gone as (
  delete from {schema}.events e using free f where e.ctid = f.cid and f.at <= now() - _identity returning 1)
select count(*) into events from gone;
return next;
end $$;

-- Forgets events without deliveries that were published before _identity ago.
create function {schema}.purge_events(_identity interval, _limit int) returns bigint
language plpgsql {indexed} {looped} as $$
declare
  _n bigint;
begin
if not {schema}.alone() then
  return 0;
end if;
with old as materialized (
  select e.ctid as cid from {schema}.events e where e.idle and e.at <= now() - _identity order by e.at limit _limit
  for update skip locked)
delete from {schema}.events e using old where e.ctid = old.cid;
get diagnostics _n = row_count;
return _n;
end $$;

-- Ends what waits for subscriptions that were removed, as of then, or of when what was in flight was let go.
create function {schema}.sweep(_limit int) returns bigint
language plpgsql {indexed} {looped} as $$
declare
  _n bigint;
begin
if not {schema}.alone() then
  return 0;
end if;
with rows as materialized (
  select x.cid, s.gone from {schema}.subs s cross join lateral (
    select * from (select q.ctid as cid from {schema}.q
      where q.ready and q.sub = s.sub and q.lease <= now() limit _limit for update skip locked) ready
    union all
    select * from (select q.ctid from {schema}.q
      where not q.ready and q.sub = s.sub limit _limit for update skip locked) later) x
  where s.gone < 'infinity' and not s.swept limit _limit),
cut as (
  delete from {schema}.q using rows r where q.ctid = r.cid and q.lease <= now() returning q.*, r.gone)
insert into {schema}.log (org, slot, sub, token, lapse, event, parent, created, live, attempt, state, reason, logged)
  select org, slot, sub, 0, false, event, parent, at, live, attempt, 3, 'unsubscribed', greatest(gone, lease) from cut;
get diagnostics _n = row_count;
return _n;
end $$;

-- Ends the oldest held deliveries, of the subscriptions after _after in order: beyond _max, or older than _age. last is
-- the last subscription looked at, null if there was none.
create function {schema}.trim(_after bigint, _max bigint, _age interval, _limit int)
returns table (last bigint, trimmed bigint)
language plpgsql {indexed} {looped} as $$
declare
  _s bigint;
  _n bigint;
begin
trimmed := 0;
if not {schema}.alone() then
  return next; return;
end if;
for _s in select sub from {schema}.subs where status not in ('active', 'gone') and sub > _after order by sub limit 64 loop
  with held as (
    select x.*, row_number() over (order by x.slot desc) as rank from (
      select q.ctid as cid, q.slot, q.at from {schema}.q where q.ready and q.sub = _s and q.live and q.lease <= now()
      union all
      select q.ctid, q.slot, q.at from {schema}.q where not q.ready and q.sub = _s and q.live) x),
  rows as materialized (
    select q.ctid as cid from (select cid from held where rank > _max or at <= now() - _age order by slot limit _limit - trimmed) h
    join {schema}.q on q.ctid = h.cid for update of q skip locked),
  cut as (
    delete from {schema}.q using rows r where q.ctid = r.cid and q.lease <= now() returning q.*)
  insert into {schema}.log (org, slot, sub, token, lapse, event, parent, created, live, attempt, state, reason, logged)
    select org, slot, sub, 0, false, event, parent, at, live, attempt, 3, 'trimmed', now() from cut;
  get diagnostics _n = row_count;
  trimmed := trimmed + _n;
  last := _s;
  exit when trimmed >= _limit;
end loop;
return next;
end $$;

-- Forgets counts of more than a day ago, processes that are gone, and names that nothing in the log needs.
create function {schema}.tidy(_limit int) returns void
language plpgsql {indexed} {looped} as $$
begin
if not {schema}.alone() then
  return;
end if;
perform {schema}.fold();
with old as materialized (
  select m.ctid as cid from {schema}.minutes m where m.at < now() - interval '1 day' order by m.at limit _limit
  for update skip locked)
delete from {schema}.minutes m using old where m.ctid = old.cid;
delete from {schema}.workers where idle < now() - interval '1 day';
-- a publication that still saw the subscription may commit long after its removal
update {schema}.subs s set swept = true where gone < now() - interval '1 day' and not swept
  and not exists (select 1 from {schema}.q where q.ready and q.sub = s.sub)
  and not exists (select 1 from {schema}.q where not q.ready and q.sub = s.sub);
with old as materialized (
  select s.ctid as cid from {schema}.subs s where s.gone < 'infinity' and s.swept
    and not exists (select 1 from {schema}.log l where l.org = s.org and l.sub = s.sub and l.state > 0) limit _limit)
delete from {schema}.subs s using old where s.ctid = old.cid;
end $$;
