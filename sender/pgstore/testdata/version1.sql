-- A database that version 1 of the schema made, as pg_dump --inserts wrote it; the program that filled it was the last of
-- that version. Its clock stood at 2026-01-01 00:02:17 UTC. version1.json is what that program told of it then.
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE SCHEMA kirimhooks;
CREATE FUNCTION kirimhooks.alone() RETURNS boolean
LANGUAGE sql
AS $$ select pg_try_advisory_xact_lock(hashtextextended('"kirimhooks".purge', 0)) $$;
CREATE FUNCTION kirimhooks.bodies(_slot bigint[]) RETURNS TABLE(slot bigint, org text, id text, source text, type text, device text, channel text, test boolean, created timestamp with time zone, published timestamp with time zone, trace text, body bytea)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
begin
return query
select e.slot, e.org, e.id, e.source, e.type, e.device, e.channel, e.test, e.created, e.at, e.trace, e.body
from unnest(_slot) as o(slot) cross join lateral (select e.* from "kirimhooks".events e where e.slot = o.slot limit 1) e;
end $$;
CREATE FUNCTION kirimhooks.claim(_limit integer, _each integer, _token bigint, _lease bigint, _cursor bigint, _quota jsonb, _shards integer[], _lanes integer, _ripe integer, _retries integer, _worker bigint, _name text) RETURNS TABLE(slot bigint[], sub bigint[], version bigint[], cid tid[], s_slot bigint[], s_sub bigint[], s_version bigint[], s_cid tid[], s_event bigint[], s_parent bigint[], s_at timestamp with time zone[], s_attempt integer[], s_lapses integer[], s_live boolean[], s_reason text[], last bigint, lanes integer, ripe integer, late boolean, next bigint)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
declare
_until timestamptz := now() + _lease * interval '1 microsecond';
_due timestamptz;
_room int := _limit;
_seen int := 0;
_last bigint;
_looked int := 0;
_late bool := false;
_from bigint := _cursor;
_to bigint := 9223372036854775807;
_n int;
_more int;
_end bigint;
_cut bigint;
_old bigint[];
begin
select q.due into _due from "kirimhooks".q where not q.ready order by q.due limit 1;
if _due <= now() then
with ripe as materialized (
select q.ctid as cid, q.sub, q.live, q.due from "kirimhooks".q
where not q.ready and q.due <= now() order by q.due limit _ripe for update skip locked),
judged as materialized (
select r.*, s.id, s.version, coalesce(s.may
and (_shards is null or (r.sub >> 56)::int = any(_shards))
and row_number() over (partition by r.sub, s.may order by r.due) <= coalesce((_quota -> s.id)::int, _each), false) as fits
from ripe r left join lateral (
select s.id, s.version, s.status = 'active' or s.status <> 'gone' and not r.live as may
from "kirimhooks".subs s where s.sub = r.sub limit 1) s on true),
ranked as materialized (
select *, fits and count(*) filter (where fits) over (order by due rows unbounded preceding) <= _retries as mine from judged),
risen as (
update "kirimhooks".q set ready = true,
token = case when r.mine then _token else q.token end,
lease = case when r.mine then _until else q.lease end
from ranked r where q.ctid = r.cid
returning q.slot, q.sub, q.ctid as cid, q.event, q.parent, q.at, q.attempt, q.lapses, q.live, q.reason, r.mine, r.id, r.version),
taken as materialized (select * from risen where mine)
select array_agg(slot), array_agg(sub), array_agg(version), array_agg(cid), array_agg(event), array_agg(parent), array_agg(at),
array_agg(attempt), array_agg(lapses), array_agg(live), array_agg(reason), count(*),
(select count(*) from ranked), (select bool_or(fits and not mine) from ranked),
(select _quota || coalesce(jsonb_object_agg(id, greatest(0, coalesce((_quota -> id)::int, _each) - n)), '{}')
from (select id, count(*) as n from taken group by id) x)
into s_slot, s_sub, s_version, s_cid, s_event, s_parent, s_at, s_attempt, s_lapses, s_live, s_reason, _n, _looked, _late, _quota
from taken;
_room := _room - _n;
return next;
select q.due into _due from "kirimhooks".q where not q.ready and q.due > now() order by q.due limit 1;
end if;
loop
with recursive lane(sub, ord, mine) as (
(select q.sub, 1, _shards is null or (q.sub >> 56)::int = any(_shards) from "kirimhooks".q
where q.ready and q.sub > _from and q.sub <= _to order by q.sub, q.live, q.due limit 1)
union all
select x.sub, l.ord + 1, _shards is null or (x.sub >> 56)::int = any(_shards)
from lane l cross join lateral (
select q.sub from "kirimhooks".q
where q.ready and q.sub > case when l.mine then l.sub else l.sub | 72057594037927935 end   -- not our shard: over it
and q.sub <= _to
order by q.sub, q.live, q.due limit 1) x),
lanes as materialized (
select l.sub, l.ord, s.version, s.active,
case when l.mine and s.there then coalesce((_quota -> s.id)::int, _each) else 0 end as k
from lane l left join lateral (
select s.id, s.version, s.status = 'active' as active, s.status <> 'gone' as there
from "kirimhooks".subs s where s.sub = l.sub limit 1) s on true
limit _lanes - _seen),
pick as materialized (
select l.sub, l.version, r.cid, r.old
from lanes l cross join lateral (
select q.ctid as cid, q.token as old from "kirimhooks".q
where q.ready and q.sub = l.sub and q.live <= l.active and q.lease <= now()
order by q.sub, q.live, q.due limit l.k for update skip locked) r
limit _room),
got as (
update "kirimhooks".q set token = _token, lease = _until, lapses = q.lapses + (p.old > 0)::int
from pick p where q.ctid = p.cid
returning q.slot, q.sub, q.ctid as cid, q.event, q.parent, q.at, q.attempt, q.lapses, q.live, q.reason, p.version, p.old,
q.event = q.slot and q.attempt = 0 and q.lapses = 0 and q.live and q.reason is null as plain)
select array_agg(slot) filter (where plain), array_agg(sub) filter (where plain), array_agg(version) filter (where plain),
array_agg(cid) filter (where plain),
array_agg(slot) filter (where not plain), array_agg(sub) filter (where not plain), array_agg(version) filter (where not plain),
array_agg(cid) filter (where not plain), array_agg(event) filter (where not plain), array_agg(parent) filter (where not plain),
array_agg(at) filter (where not plain), array_agg(attempt) filter (where not plain), array_agg(lapses) filter (where not plain),
array_agg(live) filter (where not plain), array_agg(reason) filter (where not plain), array_agg(old) filter (where not plain), count(*),
case when count(*) < _room then (select count(*) from lanes) end,
case when count(*) < _room then (select lanes.sub from lanes order by lanes.ord desc limit 1)
else (select max(p.sub) from pick p where p.sub < (select max(p.sub) from pick p)) end,
(select max(p.sub) from pick p)
into slot, sub, version, cid, s_slot, s_sub, s_version, s_cid, s_event, s_parent, s_at, s_attempt, s_lapses, s_live, s_reason, _old,
_n, _more, _end, _cut
from got;
if 0 < any(_old) then
insert into "kirimhooks".log (slot, sub, token, logged, event, parent, created, n, attempt, lapse, live, test, org, class)
select o.slot, o.sub, o.old, now(), o.event, o.parent, o.at, o.attempt + 1, o.attempt, true, o.live, not o.live, s.org, 'unknown'
from unnest(s_slot, s_sub, _old, s_event, s_parent, s_at, s_attempt, s_live) as o(slot, sub, old, event, parent, at, attempt, live)
cross join lateral (select s.org from "kirimhooks".subs s where s.sub = o.sub limit 1) s
where o.old > 0;
end if;
_room := _room - _n;
_seen := _seen + coalesce(_more, 0);
_last := coalesce(_end, _last, _cut);
exit when _more is null or _seen >= _lanes or _from < _cursor or _cursor = 0;
return next;   -- and round the end of the ring
_from := 0;
_to := _cursor;
end loop;
if _worker <> 0 and _room > 0 then
insert into "kirimhooks".workers as w (id, idle, name) values (_worker, now() + interval '60 seconds', _name)
on conflict (id) do update set idle = excluded.idle, name = excluded.name;
end if;
last := coalesce(_last, 0);
lanes := _seen;
ripe := _looked;
late := coalesce(_late, false);
next := extract(epoch from _due - now()) * 1000000;
return next;
end $$;
CREATE FUNCTION kirimhooks.deliver(_cid tid[], _slot bigint[], _sub bigint[], _token bigint[], _n integer[], _dur bigint[], _http integer[], _response bytea[], _what smallint[], _fold boolean) RETURNS bigint[]
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
declare
_done bigint[];
_missed bigint[];
begin
with done as (
delete from "kirimhooks".q using unnest(_cid, _slot, _sub, _token, _n, _dur, _http, _response)
with ordinality as o(cid, slot, sub, token, n, dur, http, response, ord)
where q.ctid = o.cid and q.slot = o.slot and q.sub = o.sub and q.token = o.token
and o.slot > 0 and o.sub > 0 and o.token > 0  -- so that the planner expects few of them: else it would walk q to find these
returning q.org, q.slot, q.sub, q.token, q.event, q.parent, q.at, q.live, o.n, o.dur, o.http, o.response, o.ord),
logged as (
insert into "kirimhooks".log (org, slot, sub, token, lapse, event, parent, created, live, attempt, state, n, dur, http, response, logged)
select org, slot, sub, token, false, event, parent, at, live, n, 1, n, dur, http, response, now() from done)
select array_agg(ord) into _done from done;
if cardinality(_done) is distinct from cardinality(_slot) then
_missed := array(select i from generate_series(1, cardinality(_slot)) i where i <> all(coalesce(_done, '{}')));
_sub := array(select _sub[i] from unnest(_done) i);
_what := array(select _what[i] from unnest(_done) i);
end if;
if cardinality(_sub) > 0 then
insert into "kirimhooks".counts (at, sub, what) values (date_trunc('minute', now()), _sub, _what);
if exists (select 1 from "kirimhooks".health where streak > 0) then
update "kirimhooks".health h set streak = 0, since = null from (
select x.cid from (select distinct sub from unnest(_sub) as o(sub) order by sub) o cross join lateral (
select h.ctid as cid from "kirimhooks".health h where h.streak > 0 and h.sub = o.sub limit 1 for update) x) failing
where h.ctid = failing.cid;
end if;
end if;
if _fold then
perform "kirimhooks".fold();
end if;
return _missed;
end $$;
CREATE FUNCTION kirimhooks.enqueue(_org text[], _id text[], _source text[], _type text[], _device text[], _channel text[], _test boolean[], _created timestamp with time zone[], _body bytea[], _digest bytea[], _trace text[], _only text[], _in text[], _topic text[], _of integer[], _which integer[], _token bigint, _lease bigint, _limit integer, _each integer, _quota jsonb, _shards integer[], OUT at timestamp with time zone, OUT slots text, OUT ofs text, OUT inactive text, OUT slot text, OUT sub text, OUT cid text, OUT subs text, OUT versions text) RETURNS record
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
declare
_n int := cardinality(_org);
_slots bigint[];
_fresh bigint[];
_bare int[];
_o int[];         -- the deliveries: ordinal,
_orgs text[];
_subs bigint[];
_versions bigint[];
_ids text[];
_active bool[];
_live bool[];
_all bool;
_waits bool;
begin
at := now();
if _n = 1 then
_slots := array[nextval('"kirimhooks".slots')];
else
_slots := array(select nextval('"kirimhooks".slots') from generate_series(1, _n));
end if;
select array_agg(h.ord), array_agg(s.org), array_agg(h.sub), array_agg(s.version), array_agg(s.id), array_agg(s.active), array_agg(true)
into _o, _orgs, _subs, _versions, _ids, _active, _live
from (
select o.ord, t.sub from unnest(_in, _topic) with ordinality as c(org, topic, ord)
cross join lateral (select t.sub from "kirimhooks".topics t where t.org = c.org and t.topic = c.topic offset 0) t
join unnest(_of, _which) as o(ord, topic) on o.topic = c.ord
group by o.ord, t.sub) h
cross join lateral (select s.org, s.id, s.version, s.status = 'active' as active from "kirimhooks".subs s where s.sub = h.sub limit 1) s;
if _only is not null then
select array_agg(o.ord), array_agg(o.org), array_agg(o.sub), array_agg(o.version), array_agg(o.id), array_agg(o.active), array_agg(o.live)
into _o, _orgs, _subs, _versions, _ids, _active, _live
from (
select h.*, true as live from unnest(_o, _orgs, _subs, _versions, _ids, _active) as h(ord, org, sub, version, id, active) where _o is not null
union all
select o.ord, s.org, s.sub, s.version, s.id, s.active, false from unnest(_org, _only) with ordinality as o(org, id, ord)
cross join lateral (
select s.* , s.status = 'active' as active from "kirimhooks".subs s where s.org = o.org and s.id = o.id and s.gone = 'infinity' limit 1) s
where o.id <> '') o;
_slots := array(select case when o.target = '' or o.ord = any(_o) then o.slot else -1 end
from unnest(_slots, _only) with ordinality as o(slot, target, ord) order by o.ord);
end if;
if _n > 1 then
_bare := array(select generate_series(1, _n) except select unnest(_o));
elsif _o is null then
_bare := '{1}';
end if;
if _n = 1 then
insert into "kirimhooks".events (slot, at, org, id, source, type, device, channel, test, created, body, digest, trace, idle)
select _slots[1], now(), _org[1], _id[1], _source[1], _type[1], _device[1], _channel[1], _test[1], _created[1], _body[1], _digest[1], _trace[1],
_bare is not null
where _slots[1] > 0
on conflict (org, id) do nothing returning array[slot] into _fresh;
else
with stored as (
insert into "kirimhooks".events (slot, at, org, id, source, type, device, channel, test, created, body, digest, trace, idle)
select _slots[o.ord], now(), o.org, o.id, o.source, o.type, o.device, o.channel, o.test, o.created, o.body, o.digest, o.trace,
o.ord = any(coalesce(_bare, '{}'))
from unnest(_org, _id, _source, _type, _device, _channel, _test, _created, _body, _digest, _trace) with ordinality
as o(org, id, source, type, device, channel, test, created, body, digest, trace, ord)
where _slots[o.ord] > 0
order by o.org, o.id            -- two batches with the same ids in other orders do not deadlock
on conflict (org, id) do nothing returning slot)
select array_agg(slot) into _fresh from stored;
end if;
if cardinality(_fresh) is distinct from _n then
_slots := array(select case when o.slot < 0 or o.slot = any(_fresh) then o.slot else 0 end
from unnest(_slots) with ordinality as o(slot, ord) order by o.ord);
select array_agg(o.ord), array_agg(o.org), array_agg(o.sub), array_agg(o.version), array_agg(o.id), array_agg(o.active), array_agg(o.live)
into _o, _orgs, _subs, _versions, _ids, _active, _live
from unnest(_o, _orgs, _subs, _versions, _ids, _active, _live) as o(ord, org, sub, version, id, active, live)
where _slots[o.ord] > 0;
end if;
slots := array_to_string(_slots, ',');
if _o is null then
return;
end if;
ofs := array_to_string(_o, ',');
if false = any(_active) then
select json_agg(json_build_array(o.ord, o.id)) into inactive from unnest(_o, _ids, _active, _live) as o(ord, id, active, live)
where o.live and not o.active;
end if;
if _token = 0 then
insert into "kirimhooks".q (org, slot, sub, event, live, at, due)
select o.org, _slots[o.ord], o.sub, _slots[o.ord], o.live, now(), now() from unnest(_o, _orgs, _subs, _live) as o(ord, org, sub, live);
_waits := true = any(_active) or false = any(_live);
else
-- up to _each of a subscription, or what _quota says, are leased, and _limit in all, tests beyond both
_all := cardinality(_o) <= _limit and _shards is null and true = all(_active)
and case when cardinality(_o) = 1 then coalesce((_quota -> _ids[1])::int, _each) > 0 else not exists (
select 1 from unnest(_ids) as o(id) group by o.id having count(*) > coalesce((_quota -> o.id)::int, _each)) end;
if _all then
with stored as (
insert into "kirimhooks".q (org, slot, sub, event, live, at, due, token, lease)
select o.org, _slots[o.ord], o.sub, _slots[o.ord], o.live, now(), now(), _token, now() + _lease * interval '1 microsecond'
from unnest(_o, _orgs, _subs, _live) as o(ord, org, sub, live)
returning q.slot, q.sub, q.ctid as cid)
select array_to_string(array_agg(s.slot), ','), array_to_string(array_agg(s.sub), ','), array_to_string(array_agg(s.cid), ';')
into slot, sub, cid from stored s;
else
with may as (
select o.*, not o.live or o.active and (_shards is null or (o.sub >> 56)::int = any(_shards)) as may
from unnest(_o, _orgs, _subs, _ids, _active, _live) as o(ord, org, sub, id, active, live)),
ranked as (
select *, may and row_number() over (partition by sub, may order by live, ord) <= coalesce((_quota -> id)::int, _each) as fits from may),
made as materialized (
select *, may and (not live
or fits and count(*) filter (where fits or not live) over (order by live, ord, sub rows unbounded preceding) <= _limit) as leased
from ranked),
stored as (
insert into "kirimhooks".q (org, slot, sub, event, live, at, due, token, lease)
select org, _slots[ord], sub, _slots[ord], live, now(), now(), case when leased then _token else 0 end,
case when leased then now() + _lease * interval '1 microsecond' else '-infinity' end
from made
returning q.slot, q.sub, q.ctid as cid, q.token)
select array_to_string(array_agg(s.slot), ','), array_to_string(array_agg(s.sub), ','), array_to_string(array_agg(s.cid), ';'),
(select bool_or(not leased and (active or not live)) from made)
into slot, sub, cid, _waits
from stored s where s.token <> 0;
end if;
subs := array_to_string(_subs, ',');
versions := array_to_string(_versions, ',');
end if;
if _waits and exists (select 1 from "kirimhooks".workers where idle > now()) then
perform pg_notify('kirimhooks', '');   -- only while somebody sleeps: it makes commits queue for one lock
end if;
end $$;
CREATE FUNCTION kirimhooks.fold() RETURNS void
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
begin
if not pg_try_advisory_xact_lock(hashtextextended('"kirimhooks".fold', 0)) then
return;
end if;
with gone as (
delete from "kirimhooks".counts where ctid = any(array(select c.ctid from "kirimhooks".counts c limit 1000)) returning at, sub, what),
sums as (
select g.at, x.sub, count(*) filter (where x.what >= 0) as delivered, count(*) filter (where x.what < 0) as failed, array[count(*) filter (where x.what in (0, -1)), count(*) filter (where x.what in (1, -2)), count(*) filter (where x.what in (2, -3)), count(*) filter (where x.what in (3, -4)), count(*) filter (where x.what in (4, -5)), count(*) filter (where x.what in (5, -6)), count(*) filter (where x.what in (6, -7)), count(*) filter (where x.what in (7, -8)), count(*) filter (where x.what in (8, -9)), count(*) filter (where x.what in (9, -10)), count(*) filter (where x.what in (10, -11)), count(*) filter (where x.what in (11, -12))]::int[] as durations
from gone g cross join unnest(g.sub, g.what) as x(sub, what) group by g.at, x.sub)
insert into "kirimhooks".minutes as m (org, sub, at, delivered, failed, durations)
select s.org, sums.sub, sums.at, sums.delivered, sums.failed, sums.durations
from sums cross join lateral (select s.org from "kirimhooks".subs s where s.sub = sums.sub limit 1) s
on conflict (org, sub, at) do update
set delivered = m.delivered + excluded.delivered, failed = m.failed + excluded.failed, durations = array[m.durations[1] + excluded.durations[1], m.durations[2] + excluded.durations[2], m.durations[3] + excluded.durations[3], m.durations[4] + excluded.durations[4], m.durations[5] + excluded.durations[5], m.durations[6] + excluded.durations[6], m.durations[7] + excluded.durations[7], m.durations[8] + excluded.durations[8], m.durations[9] + excluded.durations[9], m.durations[10] + excluded.durations[10], m.durations[11] + excluded.durations[11], m.durations[12] + excluded.durations[12]];
end $$;
CREATE FUNCTION kirimhooks.known(_org text[], _id text[], _digest bytea[]) RETURNS TABLE(ord bigint, same boolean)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
begin
return query
select o.ord, e.digest = o.digest
from unnest(_org, _id, _digest) with ordinality as o(org, id, digest, ord)
cross join lateral (select e.digest from "kirimhooks".events e where e.org = o.org and e.id = o.id limit 1) e;
end $$;
CREATE FUNCTION kirimhooks.purge_events(_identity interval, _limit integer) RETURNS bigint
LANGUAGE plpgsql
AS $$
declare
_n bigint;
begin
if not "kirimhooks".alone() then
return 0;
end if;
with old as materialized (
select e.ctid as cid from "kirimhooks".events e where e.idle and e.at <= now() - _identity order by e.at limit _limit
for update skip locked)
delete from "kirimhooks".events e using old where e.ctid = old.cid;
get diagnostics _n = row_count;
return _n;
end $$;
CREATE FUNCTION kirimhooks.purge_finished(_age interval, _identity interval, _limit integer) RETURNS TABLE(deliveries bigint, events bigint)
LANGUAGE plpgsql
AS $$
declare
_events bigint[];
begin
deliveries := 0; events := 0;
if not "kirimhooks".alone() then
return next; return;
end if;
with old as materialized (
select l.org, l.slot, l.sub, l.event, l.parent from "kirimhooks".log l
where l.state > 0 and l.logged <= now() - _age order by l.logged limit _limit),
rows as (
delete from "kirimhooks".log l using old where l.org = old.org and l.slot = old.slot and l.sub = old.sub),
notes as (
delete from "kirimhooks".replays r using old where r.org = old.org and r.parent = old.parent and r.sub = old.sub and r.slot = old.slot)
select count(*), array_agg(distinct event) into deliveries, _events from old;
perform 1 from (select unnest(_events) as slot order by 1) x
cross join lateral (select 1 from "kirimhooks".events e where e.slot = x.slot limit 1 for update) e;
with free as materialized (
select e.cid, e.at from (select unnest(_events) as slot) x cross join lateral (
select e.ctid as cid, e.org, e.slot, e.at from "kirimhooks".events e where e.slot = x.slot limit 1) e
where not exists (select 1 from "kirimhooks".q where q.org = e.org and q.slot = e.slot)
and not exists (select 1 from "kirimhooks".log l where l.org = e.org and l.slot = e.slot)
and not exists (select 1 from "kirimhooks".replays r where r.org = e.org and r.event = e.slot)),
kept as (
update "kirimhooks".events e set idle = true from free f where e.ctid = f.cid and f.at > now() - _identity),
gone as (
delete from "kirimhooks".events e using free f where e.ctid = f.cid and f.at <= now() - _identity returning 1)
select count(*) into events from gone;
return next;
end $$;
CREATE FUNCTION kirimhooks.put(_org text, _id text, _version bigint, _status text, _topics text[], _record jsonb) RETURNS bigint
LANGUAGE plpgsql
AS $$
declare
_sub bigint;
_was record;
begin
if _version = 0 then
_sub := nextval('"kirimhooks".serials');
insert into "kirimhooks".subs (org, id, sub, version, status, topics, record)
values (_org, _id, (_sub * 2654435761 % 4294967296 >> 26) << 56 | _sub, 1, _status, _topics, _record)
on conflict do nothing returning subs.sub into _sub;
if not found then
return -1;
end if;
insert into "kirimhooks".health (org, sub) values (_org, _sub);
insert into "kirimhooks".topics (org, topic, sub) select distinct _org, t, _sub from unnest(_topics) t;
return 1;
end if;
select sub, version, status, topics into _was from "kirimhooks".subs
where org = _org and id = _id and gone = 'infinity' for update;
if not found then
return 0;
elsif _was.version <> _version then
return -1;
end if;
update "kirimhooks".subs set version = _version + 1, status = _status, topics = _topics, record = _record
where org = _org and id = _id and gone = 'infinity';
-- by the old list, not by (org, sub): no index begins with those
delete from "kirimhooks".topics where org = _org and sub = _was.sub
and topic = any(array(select unnest(_was.topics) except select unnest(_topics)));
insert into "kirimhooks".topics (org, topic, sub) select distinct _org, t, _was.sub from unnest(_topics) t on conflict do nothing;
if _status = 'active' and _was.status <> 'active' then
update "kirimhooks".health set streak = 0, since = null where org = _org and sub = _was.sub and streak > 0;
perform pg_notify('kirimhooks', '');
end if;
return _version + 1;
end $$;
CREATE FUNCTION kirimhooks.records(_sub bigint[]) RETURNS TABLE(sub bigint, version bigint, record text, topics text[])
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
begin
return query
select s.sub, s.version, s.record::text, s.topics
from unnest(_sub) as o(sub) cross join lateral (select s.* from "kirimhooks".subs s where s.sub = o.sub limit 1) s
where s.status <> 'gone';
end $$;
CREATE FUNCTION kirimhooks.remove(_org text, _id text) RETURNS boolean
LANGUAGE plpgsql
AS $$
declare
_was record;
begin
select sub, topics into _was from "kirimhooks".subs where org = _org and id = _id and gone = 'infinity' for update;
if not found then
return false;
end if;
update "kirimhooks".subs set gone = now(), status = 'gone', version = version + 1, topics = '{}', record = '{}'
where org = _org and id = _id and gone = 'infinity';
delete from "kirimhooks".topics where org = _org and sub = _was.sub and topic = any(_was.topics);
delete from "kirimhooks".health where org = _org and sub = _was.sub;
return true;
end $$;
CREATE FUNCTION kirimhooks.replay(_org text, _slot bigint[], _sub bigint[]) RETURNS TABLE(ord bigint, slot bigint)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
begin
perform 1 from (select distinct l.event from unnest(_slot, _sub) as o(slot, sub) cross join lateral (
select l.event from "kirimhooks".log l where l.org = _org and l.slot = o.slot and l.sub = o.sub and l.state > 0 limit 1) l
order by l.event) x
cross join lateral (select 1 from "kirimhooks".events e where e.slot = x.event limit 1 for update) e;
return query
with o as materialized (
select o.ord, o.slot as parent, o.sub, l.event, l.live, nextval('"kirimhooks".slots') as slot
from unnest(_slot, _sub) with ordinality as o(slot, sub, ord)
cross join lateral (select l.event, l.live from "kirimhooks".log l
where l.org = _org and l.slot = o.slot and l.sub = o.sub and l.state > 0 limit 1) l
cross join lateral (select 1 from "kirimhooks".events e where e.slot = l.event limit 1) e
cross join lateral (select 1 from "kirimhooks".subs s where s.sub = o.sub and s.status <> 'gone' limit 1) s
where not exists (select 1 from "kirimhooks".replays r join "kirimhooks".q on q.org = _org and q.slot = r.slot and q.sub = r.sub
where r.org = _org and r.parent = o.slot and r.sub = o.sub)),
noted as (
insert into "kirimhooks".replays (org, slot, sub, parent, event) select _org, slot, sub, parent, event from o),
stored as (
insert into "kirimhooks".q (org, slot, sub, event, parent, live, at, due)
select _org, slot, sub, event, parent, live, now(), now() from o)
select o.ord, o.slot from o;
if found then
perform pg_notify('kirimhooks', '');
end if;
end $$;
CREATE FUNCTION kirimhooks.settle(_org text[], _slot bigint[], _sub bigint[], _token bigint[], _state smallint[], _after bigint[], _reason text[], _n integer[], _dur bigint[], _http integer[], _class text[], _response bytea[], _test boolean[], _health smallint[], _bucket smallint[]) RETURNS TABLE(ord bigint, org text, sub bigint, streak integer, failing bigint)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
begin
return query
with o as materialized (
select * from unnest(_org, _slot, _sub, _token, _state, _after, _reason, _n, _dur, _http, _class, _response, _test, _health, _bucket)
with ordinality as o(org, slot, sub, token, state, after, reason, n, dur, http, class, response, test, health, bucket, ord)),
t as materialized (                      -- LIMIT 1: one index probe each, whatever the statistics say
select o.*, x.cid from o cross join lateral (
select q.ctid as cid, q.token from "kirimhooks".q
where q.org = o.org and q.slot = o.slot and q.sub = o.sub limit 1) x
where x.token = o.token
order by o.slot, o.sub),               -- one call repeated while it runs, in another order, does not deadlock
done as (
delete from "kirimhooks".q using t where q.ctid = t.cid and q.token = t.token and t.state > 0
returning q.org, q.slot, q.sub, q.token, q.event, q.parent, q.at, q.live,
case when t.n is not null and t.class <> 'unknown' then t.n else q.attempt end as attempt,
t.state, t.reason, t.n, t.dur, t.http, t.class, t.response, t.test, t.health, t.bucket, t.ord),
again as (
update "kirimhooks".q set token = -t.token, lease = now(), ready = t.after <= 0,
due = now() + greatest(t.after, 0) * interval '1 microsecond', reason = nullif(t.reason, ''),
attempt = case when t.n is not null and t.class <> 'unknown' then t.n else q.attempt end
from t where q.ctid = t.cid and q.token = t.token and t.state = 0
returning q.org, q.slot, q.sub, t.token, q.event, q.parent, q.at, q.live, q.attempt,
t.state, t.reason, t.n, t.dur, t.http, t.class, t.response, t.test, t.health, t.bucket, t.ord),
applied as materialized (select * from done union all select * from again),
logged as (
insert into "kirimhooks".log (org, slot, sub, token, lapse, event, parent, created, live, test, attempt, state, reason, n, dur, http,
class, response, logged)
select org, slot, sub, token, false, event, parent, at, live, test, attempt, state, nullif(reason, ''), n, dur, http,
nullif(class, ''), response, now()
from applied where n is not null or state > 0 order by ord),
counted as (
insert into "kirimhooks".counts (at, sub, what)
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
select h.ctid as cid from "kirimhooks".health h
where h.org = t.org and h.sub = t.sub and (t.dead > 0 or h.streak > 0) limit 1 for update) h),
health as (
update "kirimhooks".health h set
streak = case when l.reset then 0 else h.streak end + l.dead,
since = case when l.dead = 0 then null when l.reset or h.streak = 0 then now() else h.since end
from locked l where h.org = l.org and h.sub = l.sub
returning h.org, h.sub, h.streak, h.since),
told as materialized (
select count(pg_notify('kirimhooks', '')) from (select 1 from "kirimhooks".workers where idle > now() limit 1) w
where exists (select 1 from again join t on t.ord = again.ord where t.after <= 0))
select a.ord, null::text, 0::bigint, 0, null::bigint from applied a, told
union all
select 0, org, sub, streak, (extract(epoch from now() - since) * 1000000)::bigint from health
union all
select 0, x.org, x.sub, h.streak, (extract(epoch from now() - h.since) * 1000000)::bigint
from (select distinct org, sub from applied where health = 0) x cross join lateral (
select h.streak, h.since from "kirimhooks".health h where h.org = x.org and h.sub = x.sub and h.streak > 0 limit 1) h
where not exists (select 1 from health y where y.org = x.org and y.sub = x.sub);
end $$;
CREATE FUNCTION kirimhooks.stale(_org text[], _slot bigint[], _sub bigint[], _token bigint[], _state smallint[], _n integer[], _dur bigint[], _http integer[], _class text[], _response bytea[], _test boolean[]) RETURNS TABLE(ord bigint, repeat boolean, streak integer, failing bigint)
LANGUAGE plpgsql
AS $$
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
left join lateral (select q.token, q.event, q.parent, q.at, q.attempt, q.live from "kirimhooks".q
where q.org = o.org and q.slot = o.slot and q.sub = o.sub limit 1) q on true
left join lateral (select l.state from "kirimhooks".log l
where l.org = o.org and l.slot = o.slot and l.sub = o.sub and l.token = o.token and not l.lapse limit 1) l on true
left join lateral (select l.event, l.parent, l.created, l.attempt, l.live from "kirimhooks".log l
where l.org = o.org and l.slot = o.slot and l.sub = o.sub limit 1) k on true),
kept as (
insert into "kirimhooks".log (org, slot, sub, token, lapse, event, parent, created, live, test, attempt, n, dur, http, class, response, logged)
select org, slot, sub, token, false, event, parent, created, live, test, attempt, n, dur, http, nullif(class, ''), response, now()
from t where not repeat and event is not null and n is not null order by org, slot, sub, token
on conflict do nothing)
select t.ord, t.repeat, h.streak, (extract(epoch from now() - h.since) * 1000000)::bigint
from t left join lateral (
select h.streak, h.since from "kirimhooks".health h where t.repeat and h.org = t.org and h.sub = t.sub limit 1) h on true;
end $$;
CREATE FUNCTION kirimhooks.sweep(_limit integer) RETURNS bigint
LANGUAGE plpgsql
AS $$
declare
_n bigint;
begin
if not "kirimhooks".alone() then
return 0;
end if;
with rows as materialized (
select x.cid, s.gone from "kirimhooks".subs s cross join lateral (
select * from (select q.ctid as cid from "kirimhooks".q
where q.ready and q.sub = s.sub and q.lease <= now() limit _limit for update skip locked) ready
union all
select * from (select q.ctid from "kirimhooks".q
where not q.ready and q.sub = s.sub limit _limit for update skip locked) later) x
where s.gone < 'infinity' and not s.swept limit _limit),
cut as (
delete from "kirimhooks".q using rows r where q.ctid = r.cid and q.lease <= now() returning q.*, r.gone)
insert into "kirimhooks".log (org, slot, sub, token, lapse, event, parent, created, live, attempt, state, reason, logged)
select org, slot, sub, 0, false, event, parent, at, live, attempt, 3, 'unsubscribed', greatest(gone, lease) from cut;
get diagnostics _n = row_count;
return _n;
end $$;
CREATE FUNCTION kirimhooks.tidy(_limit integer) RETURNS void
LANGUAGE plpgsql
AS $$
begin
if not "kirimhooks".alone() then
return;
end if;
perform "kirimhooks".fold();
with old as materialized (
select m.ctid as cid from "kirimhooks".minutes m where m.at < now() - interval '1 day' order by m.at limit _limit
for update skip locked)
delete from "kirimhooks".minutes m using old where m.ctid = old.cid;
delete from "kirimhooks".workers where idle < now() - interval '1 day';
update "kirimhooks".subs s set swept = true where gone < now() - interval '1 day' and not swept
and not exists (select 1 from "kirimhooks".q where q.ready and q.sub = s.sub)
and not exists (select 1 from "kirimhooks".q where not q.ready and q.sub = s.sub);
with old as materialized (
select s.ctid as cid from "kirimhooks".subs s where s.gone < 'infinity' and s.swept
and not exists (select 1 from "kirimhooks".log l where l.org = s.org and l.sub = s.sub and l.state > 0) limit _limit)
delete from "kirimhooks".subs s using old where s.ctid = old.cid;
end $$;
CREATE FUNCTION kirimhooks."trim"(_after bigint, _max bigint, _age interval, _limit integer) RETURNS TABLE(last bigint, trimmed bigint)
LANGUAGE plpgsql
AS $$
declare
_s bigint;
_n bigint;
begin
trimmed := 0;
if not "kirimhooks".alone() then
return next; return;
end if;
for _s in select sub from "kirimhooks".subs where status not in ('active', 'gone') and sub > _after order by sub limit 64 loop
with held as (
select x.*, row_number() over (order by x.slot desc) as rank from (
select q.ctid as cid, q.slot, q.at from "kirimhooks".q where q.ready and q.sub = _s and q.live and q.lease <= now()
union all
select q.ctid, q.slot, q.at from "kirimhooks".q where not q.ready and q.sub = _s and q.live) x),
rows as materialized (
select q.ctid as cid from (select cid from held where rank > _max or at <= now() - _age order by slot limit _limit - trimmed) h
join "kirimhooks".q on q.ctid = h.cid for update of q skip locked),
cut as (
delete from "kirimhooks".q using rows r where q.ctid = r.cid and q.lease <= now() returning q.*)
insert into "kirimhooks".log (org, slot, sub, token, lapse, event, parent, created, live, attempt, state, reason, logged)
select org, slot, sub, 0, false, event, parent, at, live, attempt, 3, 'trimmed', now() from cut;
get diagnostics _n = row_count;
trimmed := trimmed + _n;
last := _s;
exit when trimmed >= _limit;
end loop;
return next;
end $$;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE kirimhooks.counts (
at timestamp with time zone NOT NULL,
sub bigint[] NOT NULL,
what smallint[] NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='1000', toast_tuple_target='8160');
CREATE TABLE kirimhooks.events (
slot bigint NOT NULL,
at timestamp with time zone NOT NULL,
created timestamp with time zone,
test boolean NOT NULL,
idle boolean NOT NULL,
org text NOT NULL COLLATE pg_catalog."C",
id text NOT NULL COLLATE pg_catalog."C",
source text NOT NULL,
type text NOT NULL,
device text NOT NULL,
channel text NOT NULL,
trace text NOT NULL,
digest bytea NOT NULL,
body bytea NOT NULL
);
ALTER TABLE ONLY kirimhooks.events ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE TABLE kirimhooks.health (
sub bigint NOT NULL,
since timestamp with time zone,
streak integer DEFAULT 0 NOT NULL,
org text NOT NULL COLLATE pg_catalog."C"
)
WITH (fillfactor='50');
CREATE TABLE kirimhooks.log (
slot bigint NOT NULL,
sub bigint NOT NULL,
token bigint NOT NULL,
logged timestamp with time zone NOT NULL,
created timestamp with time zone,
dur bigint,
event bigint NOT NULL,
parent bigint,
n integer,
attempt integer NOT NULL,
http integer,
state smallint,
lapse boolean NOT NULL,
live boolean NOT NULL,
test boolean,
org text NOT NULL COLLATE pg_catalog."C",
reason text,
class text,
response bytea
);
CREATE TABLE kirimhooks.meta (
version integer NOT NULL,
key bytea NOT NULL
);
CREATE TABLE kirimhooks.minutes (
sub bigint NOT NULL,
at timestamp with time zone NOT NULL,
delivered integer NOT NULL,
failed integer NOT NULL,
org text NOT NULL COLLATE pg_catalog."C",
durations integer[] NOT NULL
);
CREATE TABLE kirimhooks.q (
slot bigint NOT NULL,
sub bigint NOT NULL,
due timestamp with time zone NOT NULL,
lease timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
token bigint DEFAULT 0 NOT NULL,
at timestamp with time zone NOT NULL,
event bigint NOT NULL,
parent bigint,
attempt integer DEFAULT 0 NOT NULL,
lapses integer DEFAULT 0 NOT NULL,
ready boolean DEFAULT true NOT NULL,
live boolean DEFAULT true NOT NULL,
org text NOT NULL COLLATE pg_catalog."C",
reason text
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_threshold='5000', autovacuum_analyze_scale_factor='0.1');
CREATE TABLE kirimhooks.replays (
slot bigint NOT NULL,
sub bigint NOT NULL,
parent bigint NOT NULL,
event bigint NOT NULL,
org text NOT NULL COLLATE pg_catalog."C"
);
CREATE SEQUENCE kirimhooks.serials
START WITH 1
INCREMENT BY 1
NO MINVALUE
NO MAXVALUE
CACHE 1;
CREATE SEQUENCE kirimhooks.slots
START WITH 1
INCREMENT BY 1
NO MINVALUE
NO MAXVALUE
CACHE 1;
CREATE TABLE kirimhooks.subs (
sub bigint NOT NULL,
version bigint NOT NULL,
gone timestamp with time zone DEFAULT 'infinity'::timestamp with time zone NOT NULL,
swept boolean DEFAULT false NOT NULL,
org text NOT NULL COLLATE pg_catalog."C",
id text NOT NULL COLLATE pg_catalog."C",
status text NOT NULL,
topics text[] NOT NULL,
record jsonb NOT NULL
)
WITH (fillfactor='80');
CREATE TABLE kirimhooks.topics (
sub bigint NOT NULL,
org text NOT NULL COLLATE pg_catalog."C",
topic text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE kirimhooks.workers (
id bigint NOT NULL,
idle timestamp with time zone NOT NULL,
name text NOT NULL
)
WITH (fillfactor='50');
INSERT INTO kirimhooks.counts VALUES ('2026-01-01 00:00:00+00', '{2810246167479189505,2810246167479189505}', '{1,1}');
INSERT INTO kirimhooks.counts VALUES ('2026-01-01 00:02:00+00', '{2810246167479189505}', '{-4}');
INSERT INTO kirimhooks.counts VALUES ('2026-01-01 00:02:00+00', '{2810246167479189505}', '{-4}');
INSERT INTO kirimhooks.counts VALUES ('2026-01-01 00:02:00+00', '{2810246167479189505}', '{-4}');
INSERT INTO kirimhooks.events VALUES (1, '2026-01-01 00:00:00.363561+00', NULL, false, false, 'acme', 'evt_delivered', 'kirim', 'contact.updated', '', '', '', '\x7c41cfffc5fd48996eaaea1325ff90f5cc869e099ca53f814df604d2513ec067', '\x7b226964223a226576745f64656c697665726564222c2274797065223a22636f6e746163742e75706461746564222c22637265617465645f6174223a22323032362d30312d30315430303a30303a30305a222c226c6976656d6f6465223a747275652c2264617461223a7b7d7d');
INSERT INTO kirimhooks.events VALUES (2, '2026-01-01 00:00:00.378256+00', NULL, false, false, 'acme', 'evt_retried', 'kirim', 'contact.updated', '', '', '', '\x5aa1aa104e785f7d2695dfc61019bba4666ca9d24fa33fba77d7ac9f17628630', '\x7b226964223a226576745f72657472696564222c2274797065223a22636f6e746163742e75706461746564222c22637265617465645f6174223a22323032362d30312d30315430303a30303a30305a222c226c6976656d6f6465223a747275652c2264617461223a7b7d7d');
INSERT INTO kirimhooks.events VALUES (3, '2026-01-01 00:00:00.384232+00', NULL, false, false, 'acme', 'evt_dead', 'kirim', 'contact.updated', '', '', '', '\xab2f1a58c5bac4d6db660a068fb3c7befdbdd83a5bbc8552b60b703e67916498', '\x7b226964223a226576745f64656164222c2274797065223a22636f6e746163742e75706461746564222c22637265617465645f6174223a22323032362d30312d30315430303a30303a30305a222c226c6976656d6f6465223a747275652c2264617461223a7b7d7d');
INSERT INTO kirimhooks.events VALUES (4, '2026-01-01 00:00:00.390866+00', NULL, false, false, 'acme', 'evt_replayed', 'kirim', 'contact.updated', '', '', '', '\xbf2cbb05f4d87aa41850d534ff85de7d70fbc047b6c34875820cc9422df1d272', '\x7b226964223a226576745f7265706c61796564222c2274797065223a22636f6e746163742e75706461746564222c22637265617465645f6174223a22323032362d30312d30315430303a30303a30305a222c226c6976656d6f6465223a747275652c2264617461223a7b7d7d');
INSERT INTO kirimhooks.events VALUES (5, '2026-01-01 00:00:00.400125+00', NULL, false, false, 'acme', 'evt_replaying', 'kirim', 'contact.updated', '', '', '', '\x363594fb8ee6e35b6fd8c56dcf1553dae9003c0c19c604d96030ce0226cc8ef8', '\x7b226964223a226576745f7265706c6179696e67222c2274797065223a22636f6e746163742e75706461746564222c22637265617465645f6174223a22323032362d30312d30315430303a30303a30305a222c226c6976656d6f6465223a747275652c2264617461223a7b7d7d');
INSERT INTO kirimhooks.events VALUES (8, '2026-01-01 00:00:12.572748+00', NULL, true, false, 'acme', 'evt_ERNK6MRP3MNTAG45N254MSD0V0', 'kirim', 'contact.created', '', '', '', '\xc7c2c5a67ea16c1ce4d9d657de9670b65ddc32c26d8748a34edc8b851c2779b7', '\x7b226964223a226576745f45524e4b364d5250334d4e54414734354e3235344d5344305630222c2274797065223a22636f6e746163742e63726561746564222c22637265617465645f6174223a22323032362d31312d33305430383a34313a35322e3738395a222c226c6976656d6f6465223a66616c73652c2264617461223a7b22636f6e74616374223a7b226964223a226374635f41373450543359323237445a56523838503935443550354d4335222c226f626a656374223a22636f6e74616374222c2270686f6e655f6e756d626572223a222b36323831323030303030303031222c226e616d65223a2253697469205261686d61222c22656d61696c223a6e756c6c2c226d65746164617461223a6e756c6c2c2277686174736170705f6163636f756e74223a7b2270686f6e655f6e756d626572223a222b3632203835312d303030302d30303031227d2c22637265617465645f6174223a22323032362d30372d30325430303a30303a30302e3030305a222c22757064617465645f6174223a22323032362d30372d30325430303a30303a30302e3030305a227d2c226163717569736974696f6e5f736f75726365223a22696e626f756e64227d7d');
INSERT INTO kirimhooks.events VALUES (9, '2026-01-01 00:00:12.58841+00', NULL, false, false, 'acme', 'evt_died_1', 'kirim', 'contact.deleted', '', '', '', '\x20be74466a8f5e662e4da541852c4077c7df63da918a90408aa4d7760c7094ce', '\x7b226964223a226576745f646965645f31222c2274797065223a22636f6e746163742e64656c65746564222c22637265617465645f6174223a22323032362d30312d30315430303a30303a30305a222c226c6976656d6f6465223a747275652c2264617461223a7b7d7d');
INSERT INTO kirimhooks.events VALUES (10, '2026-01-01 00:00:12.600108+00', NULL, false, false, 'acme', 'evt_died_2', 'kirim', 'contact.deleted', '', '', '', '\x2b13f56b64fb3446d1aefe4e966ce6d980893803201a3cae3c83e7418d40119b', '\x7b226964223a226576745f646965645f32222c2274797065223a22636f6e746163742e64656c65746564222c22637265617465645f6174223a22323032362d30312d30315430303a30303a30305a222c226c6976656d6f6465223a747275652c2264617461223a7b7d7d');
INSERT INTO kirimhooks.events VALUES (11, '2026-01-01 00:00:12.615657+00', NULL, false, false, 'acme', 'evt_died_3', 'kirim', 'contact.deleted', '', '', '', '\x671079632860ec3a94706336afb1c612a3ae64588117e1adcba6e666eccc4aec', '\x7b226964223a226576745f646965645f33222c2274797065223a22636f6e746163742e64656c65746564222c22637265617465645f6174223a22323032362d30312d30315430303a30303a30305a222c226c6976656d6f6465223a747275652c2264617461223a7b7d7d');
INSERT INTO kirimhooks.events VALUES (12, '2026-01-01 00:00:15.701973+00', NULL, false, false, 'acme', 'evt_held', 'kirim', 'contact.deleted', '', '', '', '\x6361d69ec26685921c22bbe1e191a620128331282f35977d6a97888c0a6bac17', '\x7b226964223a226576745f68656c64222c2274797065223a22636f6e746163742e64656c65746564222c22637265617465645f6174223a22323032362d30312d30315430303a30303a30305a222c226c6976656d6f6465223a747275652c2264617461223a7b7d7d');
INSERT INTO kirimhooks.events VALUES (13, '2026-01-01 00:00:15.715459+00', NULL, false, false, 'acme', 'evt_paused', 'kirim', 'contact.created', '', '', '', '\x6d762cd8ff00f7df3bb5c1511a2ce7e20676772edc310735e1af72ade0936b9b', '\x7b226964223a226576745f706175736564222c2274797065223a22636f6e746163742e63726561746564222c22637265617465645f6174223a22323032362d30312d30315430303a30303a30305a222c226c6976656d6f6465223a747275652c2264617461223a7b7d7d');
INSERT INTO kirimhooks.events VALUES (14, '2026-01-01 00:00:15.728345+00', NULL, false, false, 'acme', 'evt_unsubscribed', 'kirim', 'company.created', '', '', '', '\x174fb91a0ac2cfd50c1ed7f16d1959385058e559b5c08ceaade5bb6ff92d3e05', '\x7b226964223a226576745f756e73756273637269626564222c2274797065223a22636f6d70616e792e63726561746564222c22637265617465645f6174223a22323032362d30312d30315430303a30303a30305a222c226c6976656d6f6465223a747275652c2264617461223a7b7d7d');
INSERT INTO kirimhooks.events VALUES (15, '2026-01-01 00:00:15.744049+00', NULL, false, false, 'acme', 'evt_lapsed', 'kirim', 'contact.updated', '', '', '', '\x832caf868573338e6dc6d64943ae691e03a707b9baf4d51a3265a2e053ed00a0', '\x7b226964223a226576745f6c6170736564222c2274797065223a22636f6e746163742e75706461746564222c22637265617465645f6174223a22323032362d30312d30315430303a30303a30305a222c226c6976656d6f6465223a747275652c2264617461223a7b7d7d');
INSERT INTO kirimhooks.events VALUES (16, '2026-01-01 00:02:15.778647+00', NULL, false, false, 'acme', 'evt_waiting', 'kirim', 'contact.updated', '', '', '', '\x231cd5d7321f5a1964063446dae4e3ce0ad4f92d1b45fa6d668f874f9601d902', '\x7b226964223a226576745f77616974696e67222c2274797065223a22636f6e746163742e75706461746564222c22637265617465645f6174223a22323032362d30312d30315430303a30303a30305a222c226c6976656d6f6465223a747275652c2264617461223a7b7d7d');
INSERT INTO kirimhooks.events VALUES (17, '2026-01-01 00:02:15.796085+00', NULL, false, false, 'acme', 'evt_flying_again', 'kirim', 'contact.updated', '', '', '', '\x8e8eb94efb9e04d6f7a2780e3b783fea93cbad007940c655e97c2b2034d3a612', '\x7b226964223a226576745f666c79696e675f616761696e222c2274797065223a22636f6e746163742e75706461746564222c22637265617465645f6174223a22323032362d30312d30315430303a30303a30305a222c226c6976656d6f6465223a747275652c2264617461223a7b7d7d');
INSERT INTO kirimhooks.events VALUES (18, '2026-01-01 00:02:17.836146+00', NULL, false, false, 'acme', 'evt_flying', 'kirim', 'contact.updated', '', '', '', '\x4145c011eeeac3e7eca657a77fa1cd81a5bac76b9568c7f016a7e460c6bd175e', '\x7b226964223a226576745f666c79696e67222c2274797065223a22636f6e746163742e75706461746564222c22637265617465645f6174223a22323032362d30312d30315430303a30303a30305a222c226c6976656d6f6465223a747275652c2264617461223a7b7d7d');
INSERT INTO kirimhooks.events VALUES (19, '2026-01-01 00:02:17.852114+00', NULL, false, false, 'acme', 'evt_lost', 'kirim', 'contact.updated', '', '', '', '\x6a64605119602805efe3072cd57c6f2dcb9485fdec9420e948a91e24ddca4fba', '\x7b226964223a226576745f6c6f7374222c2274797065223a22636f6e746163742e75706461746564222c22637265617465645f6174223a22323032362d30312d30315430303a30303a30305a222c226c6976656d6f6465223a747275652c2264617461223a7b7d7d');
INSERT INTO kirimhooks.events VALUES (20, '2026-01-01 00:02:17.885551+00', NULL, false, false, 'acme', 'evt_due', 'kirim', 'contact.updated', '', '', '', '\x4b96ec6e5fa381b99efb9f35fa5503818c02dbd410aff9eea653d2a67aa770d2', '\x7b226964223a226576745f647565222c2274797065223a22636f6e746163742e75706461746564222c22637265617465645f6174223a22323032362d30312d30315430303a30303a30305a222c226c6976656d6f6465223a747275652c2264617461223a7b7d7d');
INSERT INTO kirimhooks.events VALUES (21, '2026-01-01 00:02:17.887329+00', NULL, false, true, 'acme', 'evt_nobody', 'kirim', 'template.updated', '', '', '', '\x8207763d5aefb7ce347fd3883035a75cea33ffeb7408d0f6bb41994d9903205a', '\x7b226964223a226576745f6e6f626f6479222c2274797065223a2274656d706c6174652e75706461746564222c22637265617465645f6174223a22323032362d30312d30315430303a30303a30305a222c226c6976656d6f6465223a747275652c2264617461223a7b7d7d');
INSERT INTO kirimhooks.events VALUES (22, '2026-01-01 00:02:17.919+00', NULL, true, false, 'acme', 'evt_test', 'kirim', 'contact.created', '', '', '', '\x4bb7406fc70ad66cef957cacf20a81aea8ddff2a5dfe12721f016c0baaa1a225', '\x7b226964223a226576745f74657374227d');
INSERT INTO kirimhooks.health VALUES (1080863910568919042, NULL, 0, 'acme');
INSERT INTO kirimhooks.health VALUES (2810246167479189505, NULL, 0, 'acme');
INSERT INTO kirimhooks.health VALUES (3891110078048108547, '2026-01-01 00:00:13.644036+00', 3, 'acme');
INSERT INTO kirimhooks.log VALUES (1, 2810246167479189505, 5844073779586810057, '2026-01-01 00:00:01.425615+00', '2026-01-01 00:00:00.363561+00', 7000000, 1, NULL, 1, 1, 200, 1, false, true, false, 'acme', NULL, NULL, '\x');
INSERT INTO kirimhooks.log VALUES (2, 2810246167479189505, 5844073779586810057, '2026-01-01 00:00:01.425615+00', '2026-01-01 00:00:00.378256+00', 30000000, 2, NULL, 1, 1, 500, 0, false, true, false, 'acme', NULL, NULL, '\x747279206c61746572');
INSERT INTO kirimhooks.log VALUES (3, 2810246167479189505, 5844073779586810057, '2026-01-01 00:00:01.425615+00', '2026-01-01 00:00:00.384232+00', 30000000, 3, NULL, 1, 1, 500, 2, false, true, false, 'acme', NULL, NULL, '\x00ff');
INSERT INTO kirimhooks.log VALUES (4, 2810246167479189505, 5844073779586810057, '2026-01-01 00:00:01.425615+00', '2026-01-01 00:00:00.390866+00', 30000000, 4, NULL, 1, 1, 500, 2, false, true, false, 'acme', NULL, NULL, '\x00ff');
INSERT INTO kirimhooks.log VALUES (5, 2810246167479189505, 5844073779586810057, '2026-01-01 00:00:01.425615+00', '2026-01-01 00:00:00.400125+00', 30000000, 5, NULL, 1, 1, 500, 2, false, true, false, 'acme', NULL, NULL, '\x00ff');
INSERT INTO kirimhooks.log VALUES (2, 2810246167479189505, 4008514282458381611, '2026-01-01 00:00:12.456322+00', '2026-01-01 00:00:00.378256+00', 7000000, 2, NULL, 2, 2, 200, 1, false, true, NULL, 'acme', NULL, NULL, '\x');
INSERT INTO kirimhooks.log VALUES (6, 2810246167479189505, 382615421182494975, '2026-01-01 00:00:12.496176+00', '2026-01-01 00:00:12.469549+00', 7000000, 4, 4, 1, 1, 200, 1, false, true, NULL, 'acme', NULL, NULL, '\x');
INSERT INTO kirimhooks.log VALUES (7, 2810246167479189505, 4424925842080708481, '2026-01-01 00:00:12.562357+00', '2026-01-01 00:00:12.548659+00', 30000000, 5, 5, 1, 1, 500, 0, false, true, false, 'acme', NULL, NULL, '\x747279206c61746572');
INSERT INTO kirimhooks.log VALUES (8, 2810246167479189505, 9214546408628487135, '2026-01-01 00:00:12.578411+00', '2026-01-01 00:00:12.572748+00', 54571, 8, NULL, 1, 1, 200, 1, false, false, true, 'acme', NULL, NULL, '\x');
INSERT INTO kirimhooks.log VALUES (9, 2810246167479189505, 3829805047454392227, '2026-01-01 00:00:13.636155+00', '2026-01-01 00:00:12.58841+00', 7000000, 9, NULL, 1, 1, 200, 1, false, true, NULL, 'acme', NULL, NULL, '\x');
INSERT INTO kirimhooks.log VALUES (9, 3891110078048108547, 3829805047454392227, '2026-01-01 00:00:13.644036+00', '2026-01-01 00:00:12.58841+00', 30000000, 9, NULL, 1, 1, 500, 2, false, true, false, 'acme', NULL, NULL, '\x00ff');
INSERT INTO kirimhooks.log VALUES (10, 2810246167479189505, 3829805047454392227, '2026-01-01 00:00:14.660056+00', '2026-01-01 00:00:12.600108+00', 7000000, 10, NULL, 1, 1, 200, 1, false, true, NULL, 'acme', NULL, NULL, '\x');
INSERT INTO kirimhooks.log VALUES (10, 3891110078048108547, 3829805047454392227, '2026-01-01 00:00:14.666233+00', '2026-01-01 00:00:12.600108+00', 30000000, 10, NULL, 1, 1, 500, 2, false, true, false, 'acme', NULL, NULL, '\x00ff');
INSERT INTO kirimhooks.log VALUES (11, 2810246167479189505, 3829805047454392227, '2026-01-01 00:00:15.676515+00', '2026-01-01 00:00:12.615657+00', 7000000, 11, NULL, 1, 1, 200, 1, false, true, NULL, 'acme', NULL, NULL, '\x');
INSERT INTO kirimhooks.log VALUES (11, 3891110078048108547, 3829805047454392227, '2026-01-01 00:00:15.679991+00', '2026-01-01 00:00:12.615657+00', 30000000, 11, NULL, 1, 1, 500, 2, false, true, false, 'acme', NULL, NULL, '\x00ff');
INSERT INTO kirimhooks.log VALUES (12, 2810246167479189505, 1736774449700028829, '2026-01-01 00:00:15.724027+00', '2026-01-01 00:00:15.701973+00', 7000000, 12, NULL, 1, 1, 200, 1, false, true, NULL, 'acme', NULL, NULL, '\x');
INSERT INTO kirimhooks.log VALUES (13, 2810246167479189505, 1736774449700028829, '2026-01-01 00:00:15.724027+00', '2026-01-01 00:00:15.715459+00', 7000000, 13, NULL, 1, 1, 200, 1, false, true, NULL, 'acme', NULL, NULL, '\x');
INSERT INTO kirimhooks.log VALUES (15, 2810246167479189505, 689281082802195019, '2026-01-01 00:02:15.76535+00', '2026-01-01 00:00:15.744049+00', NULL, 15, NULL, 1, 0, NULL, NULL, true, true, false, 'acme', NULL, 'unknown', NULL);
INSERT INTO kirimhooks.log VALUES (15, 2810246167479189505, 6137163302809980143, '2026-01-01 00:02:15.772233+00', '2026-01-01 00:00:15.744049+00', 30000000, 15, NULL, 2, 2, 500, 0, false, true, false, 'acme', NULL, NULL, '\x747279206c61746572');
INSERT INTO kirimhooks.log VALUES (16, 2810246167479189505, 7568420648509804837, '2026-01-01 00:02:15.788187+00', '2026-01-01 00:02:15.778647+00', 30000000, 16, NULL, 1, 1, 500, 0, false, true, false, 'acme', NULL, NULL, '\x747279206c61746572');
INSERT INTO kirimhooks.log VALUES (17, 2810246167479189505, 4861215207280409445, '2026-01-01 00:02:15.815956+00', '2026-01-01 00:02:15.796085+00', 30000000, 17, NULL, 1, 1, 500, 0, false, true, false, 'acme', NULL, NULL, '\x747279206c61746572');
INSERT INTO kirimhooks.meta VALUES (1, '\xf46165c4a5c04f53b840ce1d992f28e5');
INSERT INTO kirimhooks.minutes VALUES (3891110078048108547, '2026-01-01 00:00:00+00', 0, 3, 'acme', '{0,0,0,3,0,0,0,0,0,0,0,0}');
INSERT INTO kirimhooks.minutes VALUES (2810246167479189505, '2026-01-01 00:00:00+00', 7, 5, 'acme', '{1,6,0,5,0,0,0,0,0,0,0,0}');
INSERT INTO kirimhooks.q VALUES (7, 2810246167479189505, '2026-01-01 01:00:12.562357+00', '2026-01-01 00:00:12.562357+00', -4424925842080708481, '2026-01-01 00:00:12.548659+00', 5, 5, 1, 0, false, true, 'acme', NULL);
INSERT INTO kirimhooks.q VALUES (12, 3891110078048108547, '2026-01-01 00:00:15.701973+00', '-infinity', 0, '2026-01-01 00:00:15.701973+00', 12, NULL, 0, 0, true, true, 'acme', NULL);
INSERT INTO kirimhooks.q VALUES (13, 1080863910568919042, '2026-01-01 00:00:15.715459+00', '-infinity', 0, '2026-01-01 00:00:15.715459+00', 13, NULL, 0, 0, true, true, 'acme', NULL);
INSERT INTO kirimhooks.q VALUES (14, 2161727821137838084, '2026-01-01 00:00:15.728345+00', '-infinity', 0, '2026-01-01 00:00:15.728345+00', 14, NULL, 0, 0, true, true, 'acme', NULL);
INSERT INTO kirimhooks.q VALUES (15, 2810246167479189505, '2026-01-01 02:02:15.772233+00', '2026-01-01 00:02:15.772233+00', -6137163302809980143, '2026-01-01 00:00:15.744049+00', 15, NULL, 2, 1, false, true, 'acme', NULL);
INSERT INTO kirimhooks.q VALUES (16, 2810246167479189505, '2026-01-01 03:02:15.788187+00', '2026-01-01 00:02:15.788187+00', -7568420648509804837, '2026-01-01 00:02:15.778647+00', 16, NULL, 1, 0, false, true, 'acme', NULL);
INSERT INTO kirimhooks.q VALUES (17, 2810246167479189505, '2026-01-01 00:02:16.815956+00', '2026-01-01 00:03:17.82801+00', 2661937666349763715, '2026-01-01 00:02:15.796085+00', 17, NULL, 1, 0, true, true, 'acme', NULL);
INSERT INTO kirimhooks.q VALUES (18, 2810246167479189505, '2026-01-01 00:02:17.836146+00', '2026-01-01 00:03:17.847365+00', 7133266894648590587, '2026-01-01 00:02:17.836146+00', 18, NULL, 0, 0, true, true, 'acme', NULL);
INSERT INTO kirimhooks.q VALUES (19, 2810246167479189505, '2026-01-01 00:02:17.852114+00', '2026-01-01 00:01:17.870698+00', 1206946258219537517, '2026-01-01 00:02:17.852114+00', 19, NULL, 0, 0, true, true, 'acme', NULL);
INSERT INTO kirimhooks.q VALUES (20, 2810246167479189505, '2026-01-01 00:02:17.885551+00', '-infinity', 0, '2026-01-01 00:02:17.885551+00', 20, NULL, 0, 0, true, true, 'acme', NULL);
INSERT INTO kirimhooks.q VALUES (22, 2810246167479189505, '2026-01-01 00:02:17.919+00', '-infinity', 0, '2026-01-01 00:02:17.919+00', 22, NULL, 0, 0, true, false, 'acme', NULL);
INSERT INTO kirimhooks.replays VALUES (6, 2810246167479189505, 4, 4, 'acme');
INSERT INTO kirimhooks.replays VALUES (7, 2810246167479189505, 5, 5, 'acme');
INSERT INTO kirimhooks.subs VALUES (2810246167479189505, 1, 'infinity', false, 'acme', 'wbs_750AR57RQ1T6T4Q548HP8YBWHQ', 'active', '{"kirim contact.*  "}', '{"ID": "wbs_750AR57RQ1T6T4Q548HP8YBWHQ", "Org": "acme", "URL": "https://active.example.com/hooks", "Name": "", "Rate": 0, "Shard": 0, "Events": ["contact.*"], "Health": {"FailingFor": 0, "ConsecutiveDead": 0}, "Sealed": [{"ID": "sec_CAA9QNBR1SGAD0AZCGBTZPM5JX", "Sealed": "d2hzZWNfb2ZfYWN0aXZlXzAxMjM0NTY3ODk=", "CreatedAt": "2026-01-01T00:00:00Z", "ExpiresAt": "0001-01-01T00:00:00Z"}], "Status": "active", "Topics": null, "Devices": null, "Headers": null, "Secrets": null, "Version": 0, "Contract": "kirim", "CreatedAt": "2026-01-01T00:00:00Z", "ActivatedAt": "2026-01-01T00:00:00Z", "Description": "", "StatusReason": ""}');
INSERT INTO kirimhooks.subs VALUES (1080863910568919042, 2, 'infinity', false, 'acme', 'wbs_KSXYVSZHNZJGGK0FPBGEVHQEWV', 'paused', '{"kirim contact.created  "}', '{"ID": "wbs_KSXYVSZHNZJGGK0FPBGEVHQEWV", "Org": "acme", "URL": "https://paused.example.com/hooks", "Name": "", "Rate": 0, "Shard": 0, "Events": ["contact.created"], "Health": {"FailingFor": 0, "ConsecutiveDead": 0}, "Sealed": [{"ID": "sec_YWSNTKG2M14KESSJNE0FDENST3", "Sealed": "d2hzZWNfb2ZfcGF1c2VkXzAxMjM0NTY3ODk=", "CreatedAt": "2026-01-01T00:00:00Z", "ExpiresAt": "0001-01-01T00:00:00Z"}], "Status": "paused", "Topics": null, "Devices": null, "Headers": null, "Secrets": null, "Version": 0, "Contract": "kirim", "CreatedAt": "2026-01-01T00:00:00Z", "ActivatedAt": "2026-01-01T00:00:00Z", "Description": "", "StatusReason": "paused by its owner"}');
INSERT INTO kirimhooks.subs VALUES (3891110078048108547, 2, 'infinity', false, 'acme', 'wbs_6YYKQKKRJGJ736SVWXS2Y2GEB0', 'disabled', '{"kirim contact.deleted  "}', '{"ID": "wbs_6YYKQKKRJGJ736SVWXS2Y2GEB0", "Org": "acme", "URL": "https://disabled.example.com/hooks", "Name": "", "Rate": 0, "Shard": 0, "Events": ["contact.deleted"], "Health": {"FailingFor": 0, "ConsecutiveDead": 0}, "Sealed": [{"ID": "sec_830CP9XMHK7RMVXNH6WSSHSW2J", "Sealed": "d2hzZWNfb2ZfZGlzYWJsZWRfMDEyMzQ1Njc4OQ==", "CreatedAt": "2026-01-01T00:00:00Z", "ExpiresAt": "0001-01-01T00:00:00Z"}], "Status": "disabled", "Topics": null, "Devices": null, "Headers": null, "Secrets": null, "Version": 0, "Contract": "kirim", "CreatedAt": "2026-01-01T00:00:00Z", "ActivatedAt": "2026-01-01T00:00:00Z", "Description": "", "StatusReason": "endpoint failing"}');
INSERT INTO kirimhooks.subs VALUES (2161727821137838084, 2, '2026-01-01 00:00:15.737009+00', false, 'acme', 'wbs_PJ82VFFFJD2X3E695CAJ6BVM2Y', 'gone', '{}', '{}');
INSERT INTO kirimhooks.topics VALUES (2810246167479189505, 'acme', 'kirim contact.*  ');
INSERT INTO kirimhooks.topics VALUES (1080863910568919042, 'acme', 'kirim contact.created  ');
INSERT INTO kirimhooks.topics VALUES (3891110078048108547, 'acme', 'kirim contact.deleted  ');
SELECT pg_catalog.setval('kirimhooks.serials', 4, true);
SELECT pg_catalog.setval('kirimhooks.slots', 22, true);
ALTER TABLE ONLY kirimhooks.events
ADD CONSTRAINT events_pkey PRIMARY KEY (org, id);
ALTER TABLE ONLY kirimhooks.health
ADD CONSTRAINT health_pkey PRIMARY KEY (org, sub);
ALTER TABLE ONLY kirimhooks.log
ADD CONSTRAINT log_pkey PRIMARY KEY (org, slot, sub, token, lapse);
ALTER TABLE ONLY kirimhooks.minutes
ADD CONSTRAINT minutes_pkey PRIMARY KEY (org, sub, at);
ALTER TABLE ONLY kirimhooks.q
ADD CONSTRAINT q_pkey PRIMARY KEY (org, slot, sub);
ALTER TABLE ONLY kirimhooks.replays
ADD CONSTRAINT replays_pkey PRIMARY KEY (org, parent, sub, slot);
ALTER TABLE ONLY kirimhooks.subs
ADD CONSTRAINT subs_pkey PRIMARY KEY (org, id, gone);
ALTER TABLE ONLY kirimhooks.topics
ADD CONSTRAINT topics_pkey PRIMARY KEY (org, topic, sub);
ALTER TABLE ONLY kirimhooks.workers
ADD CONSTRAINT workers_pkey PRIMARY KEY (id);
CREATE INDEX events_idle ON kirimhooks.events USING btree (at) WHERE idle;
CREATE INDEX events_slot ON kirimhooks.events USING btree (slot);
CREATE INDEX health_failing ON kirimhooks.health USING btree (sub) WHERE (streak > 0);
CREATE INDEX log_dead ON kirimhooks.log USING btree (org, slot, sub) WHERE (state = 2);
CREATE INDEX log_end ON kirimhooks.log USING btree (logged) WHERE (state > 0);
CREATE INDEX log_sub ON kirimhooks.log USING btree (org, sub, slot) WHERE (state > 0);
CREATE INDEX minutes_at ON kirimhooks.minutes USING btree (at);
CREATE INDEX q_later ON kirimhooks.q USING btree (due) WHERE (NOT ready);
CREATE INDEX q_ready ON kirimhooks.q USING btree (sub, live, due) WHERE ready;
CREATE INDEX q_waits ON kirimhooks.q USING btree (sub) WHERE (NOT ready);
CREATE INDEX replays_event ON kirimhooks.replays USING btree (org, event);
CREATE INDEX subs_gone ON kirimhooks.subs USING btree (sub) WHERE (gone < 'infinity'::timestamp with time zone);
CREATE INDEX subs_held ON kirimhooks.subs USING btree (sub) WHERE (status <> ALL (ARRAY['active'::text, 'gone'::text]));
CREATE INDEX subs_sub ON kirimhooks.subs USING btree (sub);
