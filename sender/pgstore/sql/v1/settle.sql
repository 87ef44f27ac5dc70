-- Delivered at once or after some attempts, for subscriptions that have nothing else in the batch, which is nearly all that
-- is ever settled: found by the place in the heap where the claim left them, which nothing moves but a rewrite of the
-- table. Comes in the order of (slot, sub); what takes more locks than one takes them in that order. _dur in ns. _fold:
-- add up the counts. Tells which did not hold their delivery there (ordinals), null if all did.
create function {schema}.deliver(_cid tid[], _slot bigint[], _sub bigint[], _token bigint[], _n int[], _dur bigint[],
  _http int[], _response bytea[], _what smallint[], _fold bool)
returns bigint[]
language plpgsql {indexed} {looped} as $$
#variable_conflict use_column
declare
  _done bigint[];
  _missed bigint[];
begin
with done as (
  delete from {schema}.q using unnest(_cid, _slot, _sub, _token, _n, _dur, _http, _response)
    with ordinality as o(cid, slot, sub, token, n, dur, http, response, ord)
  where q.ctid = o.cid and q.slot = o.slot and q.sub = o.sub and q.token = o.token
    and o.slot > 0 and o.sub > 0 and o.token > 0  -- so that the planner expects few of them: else it would walk q to find these
  returning q.org, q.slot, q.sub, q.token, q.event, q.parent, q.at, q.live, o.n, o.dur, o.http, o.response, o.ord),
logged as (
  insert into {schema}.log (org, slot, sub, token, lapse, event, parent, created, live, attempt, state, n, dur, http, response, logged)
  select org, slot, sub, token, false, event, parent, at, live, n, 1, n, dur, http, response, now() from done)
select array_agg(ord) into _done from done;
if cardinality(_done) is distinct from cardinality(_slot) then
  _missed := array(select i from generate_series(1, cardinality(_slot)) i where i <> all(coalesce(_done, '{}')));
  _sub := array(select _sub[i] from unnest(_done) i);
  _what := array(select _what[i] from unnest(_done) i);
end if;
if cardinality(_sub) > 0 then
  insert into {schema}.counts (at, sub, what) values (date_trunc('minute', now()), _sub, _what);
  if exists (select 1 from {schema}.health where streak > 0) then
    update {schema}.health h set streak = 0, since = null from (
      select x.cid from (select distinct sub from unnest(_sub) as o(sub) order by sub) o cross join lateral (
        select h.ctid as cid from {schema}.health h where h.streak > 0 and h.sub = o.sub limit 1 for update) x) failing
    where h.ctid = failing.cid;
  end if;
end if;
if _fold then
  perform {schema}.fold();
end if;
return _missed;
end $$;

-- Adds the counts up in the minutes. One process at a time; the others leave it to that one.
create function {schema}.fold() returns void
language plpgsql {indexed} {looped} as $$
#variable_conflict use_column
begin
if not pg_try_advisory_xact_lock(hashtextextended('{schema}.fold', 0)) then
  return;
end if;
with gone as (
  delete from {schema}.counts where ctid = any(array(select c.ctid from {schema}.counts c limit 1000)) returning at, sub, what),
sums as (
  select g.at, x.sub, count(*) filter (where x.what >= 0) as delivered, count(*) filter (where x.what < 0) as failed, array[{counted}]::int[] as durations
  from gone g cross join unnest(g.sub, g.what) as x(sub, what) group by g.at, x.sub)
insert into {schema}.minutes as m (org, sub, at, delivered, failed, durations)
select s.org, sums.sub, sums.at, sums.delivered, sums.failed, sums.durations
from sums cross join lateral (select s.org from {schema}.subs s where s.sub = sums.sub limit 1) s
on conflict (org, sub, at) do update
  set delivered = m.delivered + excluded.delivered, failed = m.failed + excluded.failed, durations = array[{summed}];
end $$;

-- Applies any outcomes that still hold their delivery. _after in µs; _n null: no request was made; _dur in ns. One row for each
-- that applied (ord > 0), and the health of each subscription that was judged.
create function {schema}.settle(_org text[], _slot bigint[], _sub bigint[], _token bigint[], _state smallint[],
  _after bigint[], _reason text[], _n int[], _dur bigint[], _http int[], _class text[], _response bytea[], _test bool[],
  _health smallint[], _bucket smallint[])
returns table (ord bigint, org text, sub bigint, streak int, failing bigint)
language plpgsql {indexed} {looped} as $$
#variable_conflict use_column
begin
return query
with o as materialized (
  select * from unnest(_org, _slot, _sub, _token, _state, _after, _reason, _n, _dur, _http, _class, _response, _test, _health, _bucket)
    with ordinality as o(org, slot, sub, token, state, after, reason, n, dur, http, class, response, test, health, bucket, ord)),
t as materialized (                      -- LIMIT 1: one index probe each, whatever the statistics say
  select o.*, x.cid from o cross join lateral (
    select q.ctid as cid, q.token from {schema}.q
    where q.org = o.org and q.slot = o.slot and q.sub = o.sub limit 1) x
  where x.token = o.token
  order by o.slot, o.sub),               -- one call repeated while it runs, in another order, does not deadlock
done as (
  delete from {schema}.q using t where q.ctid = t.cid and q.token = t.token and t.state > 0
  returning q.org, q.slot, q.sub, q.token, q.event, q.parent, q.at, q.live,
    case when t.n is not null and t.class <> 'unknown' then t.n else q.attempt end as attempt,
    t.state, t.reason, t.n, t.dur, t.http, t.class, t.response, t.test, t.health, t.bucket, t.ord),
again as (
  update {schema}.q set token = -t.token, lease = now(), ready = t.after <= 0,
    due = now() + greatest(t.after, 0) * interval '1 microsecond', reason = nullif(t.reason, ''),
    attempt = case when t.n is not null and t.class <> 'unknown' then t.n else q.attempt end
  from t where q.ctid = t.cid and q.token = t.token and t.state = 0
  returning q.org, q.slot, q.sub, t.token, q.event, q.parent, q.at, q.live, q.attempt,
    t.state, t.reason, t.n, t.dur, t.http, t.class, t.response, t.test, t.health, t.bucket, t.ord),
applied as materialized (select * from done union all select * from again),
logged as (
  insert into {schema}.log (org, slot, sub, token, lapse, event, parent, created, live, test, attempt, state, reason, n, dur, http,
    class, response, logged)
  select org, slot, sub, token, false, event, parent, at, live, test, attempt, state, nullif(reason, ''), n, dur, http,
    nullif(class, ''), response, now()
  from applied where n is not null or state > 0 order by ord),
counted as (
  insert into {schema}.counts (at, sub, what)
  select date_trunc('minute', now()), array_agg(sub), array_agg(case when state = 1 then bucket else -1 - bucket end)
  from applied where n is not null and class <> 'unknown' having count(*) > 0),
tally as (
  select org, sub, count(*) filter (where health = 2 and ord > ok)::int as dead, max(ok) > 0 as reset
  from (select org, sub, health, ord,
      coalesce(max(ord) filter (where health = 1) over (partition by org, sub), 0) as ok
    from applied where health > 0) x
  group by org, sub),
locked as materialized (                 -- in one order, so that two batches do not deadlock
  select t.*, h.cid from (select * from tally order by sub) t cross join lateral (
    select h.ctid as cid from {schema}.health h
    where h.org = t.org and h.sub = t.sub and (t.dead > 0 or h.streak > 0) limit 1 for update) h),
health as (
  update {schema}.health h set
    streak = case when l.reset then 0 else h.streak end + l.dead,
    since = case when l.dead = 0 then null when l.reset or h.streak = 0 then now() else h.since end
  from locked l where h.org = l.org and h.sub = l.sub
  returning h.org, h.sub, h.streak, h.since),
told as materialized (
  select count(pg_notify('{channel}', '')) from (select 1 from {schema}.workers where idle > now() limit 1) w
  where exists (select 1 from again join t on t.ord = again.ord where t.after <= 0))
select a.ord, null::text, 0::bigint, 0, null::bigint from applied a, told
union all
select 0, org, sub, streak, (extract(epoch from now() - since) * 1000000)::bigint from health
union all
select 0, x.org, x.sub, h.streak, (extract(epoch from now() - h.since) * 1000000)::bigint
from (select distinct org, sub from applied where health = 0) x cross join lateral (
  select h.streak, h.since from {schema}.health h where h.org = x.org and h.sub = x.sub and h.streak > 0 limit 1) h
where not exists (select 1 from health y where y.org = x.org and y.sub = x.sub);
end $$;

-- The rest, which is rare: outcomes that were applied before (repeat), and those whose lease was lost, which leave their
-- attempt in the log.
create function {schema}.stale(_org text[], _slot bigint[], _sub bigint[], _token bigint[], _state smallint[], _n int[],
  _dur bigint[], _http int[], _class text[], _response bytea[], _test bool[])
returns table (ord bigint, repeat bool, streak int, failing bigint)
language plpgsql {indexed} {looped} as $$
#variable_conflict use_column
begin
return query
with o as materialized (
  select * from unnest(_org, _slot, _sub, _token, _state, _n, _dur, _http, _class, _response, _test)
    with ordinality as o(org, slot, sub, token, state, n, dur, http, class, response, test, ord)),
t as materialized (
  select o.*, coalesce(q.token = -o.token and o.state = 0 or l.state > 0 and l.state = o.state, false) as repeat,
    coalesce(q.event, k.event) as event, coalesce(q.parent, k.parent) as parent, coalesce(q.at, k.created) as created,
    coalesce(q.attempt, k.attempt) as attempt, coalesce(q.live, k.live) as live
  from o
  left join lateral (select q.token, q.event, q.parent, q.at, q.attempt, q.live from {schema}.q
    where q.org = o.org and q.slot = o.slot and q.sub = o.sub limit 1) q on true
  left join lateral (select l.state from {schema}.log l
    where l.org = o.org and l.slot = o.slot and l.sub = o.sub and l.token = o.token and not l.lapse limit 1) l on true
  left join lateral (select l.event, l.parent, l.created, l.attempt, l.live from {schema}.log l
    where l.org = o.org and l.slot = o.slot and l.sub = o.sub limit 1) k on true),
kept as (
  insert into {schema}.log (org, slot, sub, token, lapse, event, parent, created, live, test, attempt, n, dur, http, class, response, logged)
  select org, slot, sub, token, false, event, parent, created, live, test, attempt, n, dur, http, nullif(class, ''), response, now()
  from t where not repeat and event is not null and n is not null order by org, slot, sub, token
  on conflict do nothing)
select t.ord, t.repeat, h.streak, (extract(epoch from now() - h.since) * 1000000)::bigint
from t left join lateral (
  select h.streak, h.since from {schema}.health h where t.repeat and h.org = t.org and h.sub = t.sub limit 1) h on true;
end $$;
