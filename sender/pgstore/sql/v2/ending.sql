-- ending: it was in flight when it was cancelled. Settle ends it unless it was delivered, or a claim does when its lease is
-- over. The index is not by lease, so that a claim stays a HOT update.
alter table {schema}.q add column ending bool not null default false;
create index q_ending on {schema}.q (sub) where ending;

-- What was cancelled in flight and never heard of again.
create function {schema}.end_lapsed() returns void
language plpgsql {indexed} {looped} as $$
#variable_conflict use_column
begin
with over as materialized (
  select q.ctid as cid from {schema}.q
  where q.ending and (q.lease <= now() or q.lease = 'infinity' or coalesce(q.taken, q.at) > now() + interval '1 minute')
  order by q.sub limit 1000 for update skip locked),
cut as (
  delete from {schema}.q using over o where q.ctid = o.cid
  returning q.org, q.slot, q.sub, q.token, q.event, q.parent, q.at, q.live, q.attempt),
lapsed as (
  insert into {schema}.log (org, slot, sub, token, lapse, event, parent, created, live, test, n, attempt, class, logged)
  select org, slot, sub, token, true, event, parent, at, live, not live, attempt + 1, attempt, 'unknown', now() from cut)
insert into {schema}.log (org, slot, sub, token, lapse, event, parent, created, live, attempt, state, reason, logged)
  select org, slot, sub, 0, false, event, parent, at, live, attempt, 3, {cancelled}, now() from cut;
end $$;

-- Locks deliveries, and tells which. Outcomes are written in an order of their own: whoever waited for one of several locks might
-- be waited for because of another. So what somebody else holds is left out, unless it is asked for alone (_wait).
create function {schema}.hold(_org text, _slot bigint[], _sub bigint[], _wait bool, out slots bigint[], out subs bigint[])
language plpgsql {indexed} {looped} as $$
begin
if _wait then
  select array_agg(o.slot), array_agg(o.sub) into slots, subs from unnest(_slot[1:1], _sub[1:1]) as o(slot, sub)
  cross join lateral (select 1 from {schema}.q where q.org = _org and q.slot = o.slot and q.sub = o.sub limit 1 for update) q;
else
  select array_agg(o.slot), array_agg(o.sub) into slots, subs from unnest(_slot, _sub) as o(slot, sub)
  cross join lateral (select 1 from {schema}.q where q.org = _org and q.slot = o.slot and q.sub = o.sub limit 1 for update skip locked) q;
end if;
end $$;

-- Ends what waits or has outlived its lease, and marks what is in flight. The second statement sees what the first has waited
-- for.
create function {schema}.cancel(_org text, _slot bigint[], _sub bigint[], _wait bool)
returns table (slot bigint, sub bigint, ended bool)
language plpgsql {indexed} {looped} as $$
#variable_conflict use_column
begin
select h.slots, h.subs into _slot, _sub from {schema}.hold(_org, _slot, _sub, _wait) h;
return query
with t as materialized (
  select x.cid, x.flight from unnest(_slot, _sub) as o(slot, sub)
  cross join lateral (select 1 from {schema}.subs s where s.sub = o.sub and s.status <> 'gone' limit 1) s
  cross join lateral (select q.ctid as cid, q.token > 0 and q.lease > now() as flight, q.ending from {schema}.q
    where q.org = _org and q.slot = o.slot and q.sub = o.sub limit 1) x
  where not x.ending),
cut as (
  delete from {schema}.q using t where q.ctid = t.cid and not t.flight
  returning q.org, q.slot, q.sub, q.event, q.parent, q.at, q.live, q.attempt),
logged as (
  insert into {schema}.log (org, slot, sub, token, lapse, event, parent, created, live, attempt, state, reason, logged)
  select org, slot, sub, 0, false, event, parent, at, live, attempt, 3, {cancelled}, now() from cut),
marked as (
  update {schema}.q set ending = true, reason = {cancelled} from t where q.ctid = t.cid and t.flight
  returning q.slot, q.sub)
select slot, sub, true from cut union all select slot, sub, false from marked;
end $$;

-- Makes what waits for a retry due.
create function {schema}.retry_now(_org text, _slot bigint[], _sub bigint[], _wait bool)
returns table (slot bigint, sub bigint, ended bool)
language plpgsql {indexed} {looped} as $$
#variable_conflict use_column
begin
select h.slots, h.subs into _slot, _sub from {schema}.hold(_org, _slot, _sub, _wait) h;
return query
with t as materialized (
  select x.cid from unnest(_slot, _sub) as o(slot, sub)
  cross join lateral (select 1 from {schema}.subs s where s.sub = o.sub and s.status <> 'gone' limit 1) s
  cross join lateral (select q.ctid as cid, q.ready, q.due from {schema}.q
    where q.org = _org and q.slot = o.slot and q.sub = o.sub limit 1) x
  where not x.ready and x.due > now())
update {schema}.q set ready = true, due = now(), lease = least(q.lease, now()) from t where q.ctid = t.cid
returning q.slot, q.sub, false;
if found then
  perform pg_notify('{channel}', '');
end if;
end $$;
