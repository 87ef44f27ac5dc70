-- Of events that were not stored: which are known, and which with these digests. A statement of its own: one committed
-- while ON CONFLICT waited is invisible to the snapshot that waited.
create function {schema}.known_events(_org text[], _id text[], _digest bytea[])
returns table (ord bigint, same bool)
language plpgsql {indexed} {looped} as $$
#variable_conflict use_column
begin
return query
select o.ord, e.digest = o.digest
from unnest(_org, _id, _digest) with ordinality as o(org, id, digest, ord)
cross join lateral (select e.digest from {schema}.events e where e.org = o.org and e.id = o.id limit 1) e;
end $$;

-- Events of an org, newest first, without their bodies. Those before a number, null: from the newest on. Filters that
-- are empty or null select all. By comparing rows, the plan for any arguments runs down events_org until the page is
-- full, however large the org is beside the others.
create function {schema}.list_events(_org text, _before bigint, _source text, _type text, _device text, _channel text,
  _unreferenced bool, _since timestamptz, _until timestamptz, _limit int)
returns table (id text, source text, type text, device text, channel text, is_test bool, created_at timestamptz,
  published_at timestamptz, trace text)
language plpgsql {indexed} {looped} set enable_sort = off as $$
#variable_conflict use_column
begin
return query
select e.id, e.source, e.type, e.device, e.channel, e.is_test, e.created_at, e.published_at, e.trace
from {schema}.events e
where (e.org collate "POSIX", e.number) < (_org, coalesce(_before, 9223372036854775807))
  and (e.org collate "POSIX", e.number) > (_org, 0)
  and (_source = '' or e.source = _source) and (_type = '' or e.type = _type)
  and (_device = '' or e.device = _device) and (_channel = '' or e.channel = _channel)
  and (e.unreferenced or not _unreferenced)
  and (_since is null or e.published_at >= _since) and (_until is null or e.published_at < _until)
order by e.org collate "POSIX" desc, e.number desc limit _limit;
end $$;

create function {schema}.events_by_number(_number bigint[])
returns table (number bigint, org text, id text, source text, type text, device text, channel text, is_test bool,
  created_at timestamptz, published_at timestamptz, trace text, body bytea)
language plpgsql {indexed} {looped} as $$
#variable_conflict use_column
begin
return query
select e.number, e.org, e.id, e.source, e.type, e.device, e.channel, e.is_test, e.created_at, e.published_at, e.trace,
  e.body
from unnest(_number) as o(number)
cross join lateral (select e.* from {schema}.events e where e.number = o.number limit 1) e;
end $$;
