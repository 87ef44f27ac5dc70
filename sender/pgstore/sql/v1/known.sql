-- Of events that were not stored: which are known, and which with these digests. A statement of its own: one committed
-- while ON CONFLICT waited is invisible to the snapshot that waited.
create function {schema}.known(_org text[], _id text[], _digest bytea[])
returns table (ord bigint, same bool)
language plpgsql {indexed} {looped} as $$
#variable_conflict use_column
begin
return query
select o.ord, e.digest = o.digest
from unnest(_org, _id, _digest) with ordinality as o(org, id, digest, ord)
cross join lateral (select e.digest from {schema}.events e where e.org = o.org and e.id = o.id limit 1) e;
end $$;
