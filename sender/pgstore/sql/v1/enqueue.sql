-- Stores events and fans them out. _only: null if no event is for one subscription alone. _in and _topic are the topics as
-- (org, topic), _of and _which tell which event has which. Answers in text, which every driver reads: slots, one for each event, 0 for one that
-- was not stored since its id is known, -1 if _only names nothing; ofs, for each delivery that was made the ordinal of its
-- event; inactive, as JSON [[ordinal, id]]; what was leased, by slot, sub and place; and the versions of the subscriptions.
-- In steps, each of which has a small plan: starting a large one costs more than a single publication does.
create function {schema}.enqueue(_org text[], _id text[], _source text[], _type text[], _device text[], _channel text[],
  _test bool[], _created timestamptz[], _body bytea[], _digest bytea[], _trace text[], _only text[],
  _in text[], _topic text[], _of int[], _which int[], _token bigint, _lease bigint, _limit int, _each int, _quota jsonb, _shards int[],
  out at timestamptz, out slots text, out ofs text, out inactive text,
  out slot text, out sub text, out cid text, out subs text, out versions text)
language plpgsql {indexed} set enable_nestloop = off as $$
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
  _slots := array[nextval('{schema}.slots')];
else
  _slots := array(select nextval('{schema}.slots') from generate_series(1, _n));
end if;
select array_agg(h.ord), array_agg(s.org), array_agg(h.sub), array_agg(s.version), array_agg(s.id), array_agg(s.active), array_agg(true)
into _o, _orgs, _subs, _versions, _ids, _active, _live
from (
  select o.ord, t.sub from unnest(_in, _topic) with ordinality as c(org, topic, ord)
  cross join lateral (select t.sub from {schema}.topics t where t.org = c.org and t.topic = c.topic offset 0) t
  join unnest(_of, _which) as o(ord, topic) on o.topic = c.ord
  group by o.ord, t.sub) h
cross join lateral (select s.org, s.id, s.version, s.status = 'active' as active from {schema}.subs s where s.sub = h.sub limit 1) s;
if _only is not null then
  select array_agg(o.ord), array_agg(o.org), array_agg(o.sub), array_agg(o.version), array_agg(o.id), array_agg(o.active), array_agg(o.live)
  into _o, _orgs, _subs, _versions, _ids, _active, _live
  from (
    select h.*, true as live from unnest(_o, _orgs, _subs, _versions, _ids, _active) as h(ord, org, sub, version, id, active) where _o is not null
    union all
    select o.ord, s.org, s.sub, s.version, s.id, s.active, false from unnest(_org, _only) with ordinality as o(org, id, ord)
    cross join lateral (
      select s.* , s.status = 'active' as active from {schema}.subs s where s.org = o.org and s.id = o.id and s.gone = 'infinity' limit 1) s
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
  insert into {schema}.events (slot, at, org, id, source, type, device, channel, test, created, body, digest, trace, idle)
  select _slots[1], now(), _org[1], _id[1], _source[1], _type[1], _device[1], _channel[1], _test[1], _created[1], _body[1], _digest[1], _trace[1],
    _bare is not null
  where _slots[1] > 0
  on conflict (org, id) do nothing returning array[slot] into _fresh;
else
  with stored as (
    insert into {schema}.events (slot, at, org, id, source, type, device, channel, test, created, body, digest, trace, idle)
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
  insert into {schema}.q (org, slot, sub, event, live, at, due)
  select o.org, _slots[o.ord], o.sub, _slots[o.ord], o.live, now(), now() from unnest(_o, _orgs, _subs, _live) as o(ord, org, sub, live);
  _waits := true = any(_active) or false = any(_live);
else
  -- up to _each of a subscription, or what _quota says, are leased, and _limit in all, tests beyond both
  _all := cardinality(_o) <= _limit and _shards is null and true = all(_active)
    and case when cardinality(_o) = 1 then coalesce((_quota -> _ids[1])::int, _each) > 0 else not exists (
      select 1 from unnest(_ids) as o(id) group by o.id having count(*) > coalesce((_quota -> o.id)::int, _each)) end;
  if _all then
    with stored as (
      insert into {schema}.q (org, slot, sub, event, live, at, due, token, lease)
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
      insert into {schema}.q (org, slot, sub, event, live, at, due, token, lease)
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
if _waits and exists (select 1 from {schema}.workers where idle > now()) then
  perform pg_notify('{channel}', '');   -- only while somebody sleeps: it makes commits queue for one lock
end if;
end $$;
