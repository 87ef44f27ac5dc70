-- Erase is steps, each a short transaction. A step is repeated until it finds nothing, and only then the next one
-- begins: so nothing comes back into what is empty. What somebody else holds is left out first: to wait for it in an
-- order of its own would deadlock. Once nothing else is left, a step waits for one row, and holds no other meanwhile.

-- Removes subscriptions, so that nothing is claimed any more. It locks them, and their health, by number, as outcomes
-- do.
create function {schema}.erase_subscriptions(_org text, _limit int) returns bigint
language plpgsql {indexed} {looped} as $$
declare
  _id text;
  _n bigint := 0;
begin
for _id in
  select x.id from (
    select s.id, s.number from {schema}.subscriptions s
    where s.org = _org and s.removed_at = 'infinity' limit _limit) x
  order by x.number
loop
  _n := _n + {schema}.remove_subscription(_org, _id)::int;
end loop;
return _n;
end $$;

-- Deletes rows of an org from a table.
create function {schema}.erase_rows(_table text, _org text, _limit int) returns bigint
language plpgsql {indexed} {looped} as $$
declare
  _erase text := 'with old as materialized (
      select x.ctid as place from {schema}.%1$I x where x.org = $1 limit $2 for update %2$s)
    delete from {schema}.%1$I x using old where x.ctid = old.place';
  _n bigint;
begin
execute format(_erase, _table, 'skip locked') using _org, _limit;
get diagnostics _n = row_count;
if _n = 0 then
  execute format(_erase, _table, '') using _org, 1;
  get diagnostics _n = row_count;
end if;
return _n;
end $$;

-- Deletes minutes, once what is still to be added to them is.
create function {schema}.erase_minutes(_org text, _limit int) returns bigint
language plpgsql {indexed} {looped} as $$
begin
perform pg_advisory_xact_lock(hashtextextended('{schema}.add_minutes', 0));
while exists (
  select 1 from {schema}.minutes_to_add a
  where a.subscriptions && array(select s.number from {schema}.subscriptions s where s.org = _org))
loop
  perform {schema}.add_minutes();
end loop;
return {schema}.erase_rows('minutes', _org, _limit);
end $$;

-- Takes the names from subscriptions that were removed. Their numbers stay until Purge forgets them: a publication that
-- still saw one may commit long after, and Purge ends what waits for a removed subscription.
create function {schema}.erase_names(_org text, _limit int) returns bigint
language plpgsql {indexed} {looped} as $$
declare
  _n bigint;
begin
with old as materialized (
  select s.ctid as place from {schema}.subscriptions s
  where s.org = _org and s.removed_at < 'infinity' limit _limit for update skip locked)
update {schema}.subscriptions s set org = '', id = s.number::text from old where s.ctid = old.place;
get diagnostics _n = row_count;
if _n = 0 then
  with old as materialized (
    select s.ctid as place from {schema}.subscriptions s
    where s.org = _org and s.removed_at < 'infinity' limit 1 for update)
  update {schema}.subscriptions s set org = '', id = s.number::text from old where s.ctid = old.place;
  get diagnostics _n = row_count;
end if;
return _n;
end $$;
