-- Makes a delivery for each (slot, sub) that may still be repeated, and tells its slot. The lock on the event keeps Purge
-- from forgetting it, and a second replay from being made beside this one; the second statement sees what both left.
create function {schema}.replay(_org text, _slot bigint[], _sub bigint[])
returns table (ord bigint, slot bigint)
language plpgsql {indexed} {looped} as $$
#variable_conflict use_column
begin
perform 1 from (select distinct l.event from unnest(_slot, _sub) as o(slot, sub) cross join lateral (
    select l.event from {schema}.log l where l.org = _org and l.slot = o.slot and l.sub = o.sub and l.state > 0 limit 1) l
  order by l.event) x
cross join lateral (select 1 from {schema}.events e where e.slot = x.event limit 1 for update) e;
return query
with o as materialized (
  select o.ord, o.slot as parent, o.sub, l.event, l.live, nextval('{schema}.slots') as slot
  from unnest(_slot, _sub) with ordinality as o(slot, sub, ord)
  cross join lateral (select l.event, l.live from {schema}.log l
    where l.org = _org and l.slot = o.slot and l.sub = o.sub and l.state > 0 limit 1) l
  cross join lateral (select 1 from {schema}.events e where e.slot = l.event limit 1) e
  cross join lateral (select 1 from {schema}.subs s where s.sub = o.sub and s.status <> 'gone' limit 1) s
  where not exists (select 1 from {schema}.replays r join {schema}.q on q.org = _org and q.slot = r.slot and q.sub = r.sub
    where r.org = _org and r.parent = o.slot and r.sub = o.sub)),
noted as (
  insert into {schema}.replays (org, slot, sub, parent, event) select _org, slot, sub, parent, event from o),
stored as (
  insert into {schema}.q (org, slot, sub, event, parent, live, at, due)
  select _org, slot, sub, event, parent, live, now(), now() from o)
select o.ord, o.slot from o;
if found then
  perform pg_notify('{channel}', '');
end if;
end $$;
