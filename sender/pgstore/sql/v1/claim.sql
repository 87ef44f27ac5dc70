-- Leases what is due: first some retries whose wait is over (the rest is put in line behind its lane), then lane by lane,
-- a lane being what is ready of one subscription, from the cursor on round the ring. The cost depends on lanes looked at
-- and rows taken, not on how many wait in a lane.
-- One row for each part of the scan: what it leased as arrays, apart in those that were never tried and of which there is
-- nothing else to tell, and those that have more to them (s_). The last row has the state of the scan: where the next one
-- goes on (last: the limit may have cut the last lane, so that it is seen again), how many lanes were looked at, and how many
-- retries (ripe), whether some of those are left (late), and how long until the next falls due (next, in µs).
create function {schema}.claim(_limit int, _each int, _token bigint, _lease bigint, _cursor bigint, _quota jsonb,
  _shards int[], _lanes int, _ripe int, _retries int, _worker bigint, _name text)
returns table (slot bigint[], sub bigint[], version bigint[], cid tid[],
  s_slot bigint[], s_sub bigint[], s_version bigint[], s_cid tid[], s_event bigint[], s_parent bigint[], s_at timestamptz[],
  s_attempt int[], s_lapses int[], s_live bool[], s_reason text[], last bigint, lanes int, ripe int, late bool, next bigint)
language plpgsql {indexed} {looped} as $$
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
-- It is tempting to commit this without waiting for the disk, since a claim lost in a crash of the server is a lease that
-- ended early. But then two workers hold one delivery, and neither knows.
select q.due into _due from {schema}.q where not q.ready order by q.due limit 1;
if _due <= now() then
  with ripe as materialized (
    select q.ctid as cid, q.sub, q.live, q.due from {schema}.q
    where not q.ready and q.due <= now() order by q.due limit _ripe for update skip locked),
  judged as materialized (
    select r.*, s.id, s.version, coalesce(s.may
        and (_shards is null or (r.sub >> 56)::int = any(_shards))
        and row_number() over (partition by r.sub, s.may order by r.due) <= coalesce((_quota -> s.id)::int, _each), false) as fits
    from ripe r left join lateral (
      select s.id, s.version, s.status = 'active' or s.status <> 'gone' and not r.live as may
      from {schema}.subs s where s.sub = r.sub limit 1) s on true),
  ranked as materialized (
    select *, fits and count(*) filter (where fits) over (order by due rows unbounded preceding) <= _retries as mine from judged),
  risen as (
    update {schema}.q set ready = true,
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
  select q.due into _due from {schema}.q where not q.ready and q.due > now() order by q.due limit 1;
end if;
loop
  with recursive lane(sub, ord, mine) as (
    (select q.sub, 1, _shards is null or (q.sub >> 56)::int = any(_shards) from {schema}.q
      where q.ready and q.sub > _from and q.sub <= _to order by q.sub, q.live, q.due limit 1)
    union all
    select x.sub, l.ord + 1, _shards is null or (x.sub >> 56)::int = any(_shards)
    from lane l cross join lateral (
      select q.sub from {schema}.q
      where q.ready and q.sub > case when l.mine then l.sub else l.sub | 72057594037927935 end   -- not our shard: over it
        and q.sub <= _to
      order by q.sub, q.live, q.due limit 1) x),
  lanes as materialized (
    select l.sub, l.ord, s.version, s.active,
      case when l.mine and s.there then coalesce((_quota -> s.id)::int, _each) else 0 end as k
    from lane l left join lateral (
      select s.id, s.version, s.status = 'active' as active, s.status <> 'gone' as there
      from {schema}.subs s where s.sub = l.sub limit 1) s on true
    limit _lanes - _seen),
  pick as materialized (
    select l.sub, l.version, r.cid, r.old
    from lanes l cross join lateral (
      select q.ctid as cid, q.token as old from {schema}.q
      where q.ready and q.sub = l.sub and q.live <= l.active and q.lease <= now()
      order by q.sub, q.live, q.due limit l.k for update skip locked) r
    limit _room),
  got as (
    update {schema}.q set token = _token, lease = _until, lapses = q.lapses + (p.old > 0)::int
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
    insert into {schema}.log (slot, sub, token, logged, event, parent, created, n, attempt, lapse, live, test, org, class)
    select o.slot, o.sub, o.old, now(), o.event, o.parent, o.at, o.attempt + 1, o.attempt, true, o.live, not o.live, s.org, 'unknown'
    from unnest(s_slot, s_sub, _old, s_event, s_parent, s_at, s_attempt, s_live) as o(slot, sub, old, event, parent, at, attempt, live)
    cross join lateral (select s.org from {schema}.subs s where s.sub = o.sub limit 1) s
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
  insert into {schema}.workers as w (id, idle, name) values (_worker, now() + interval '{idle}', _name)
  on conflict (id) do update set idle = excluded.idle, name = excluded.name;
end if;
last := coalesce(_last, 0);
lanes := _seen;
ripe := _looked;
late := coalesce(_late, false);
next := extract(epoch from _due - now()) * 1000000;
return next;
end $$;

-- Events by their number.
create function {schema}.bodies(_slot bigint[])
returns table (slot bigint, org text, id text, source text, type text, device text, channel text, test bool, created timestamptz,
  published timestamptz, trace text, body bytea)
language plpgsql {indexed} {looped} as $$
#variable_conflict use_column
begin
return query
select e.slot, e.org, e.id, e.source, e.type, e.device, e.channel, e.test, e.created, e.at, e.trace, e.body
from unnest(_slot) as o(slot) cross join lateral (select e.* from {schema}.events e where e.slot = o.slot limit 1) e;
end $$;
