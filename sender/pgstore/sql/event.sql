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
