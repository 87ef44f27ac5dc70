-- Adds to the minutes what was counted. One process at a time; the others leave it to that one.
create function {schema}.add_minutes() returns void
language plpgsql {indexed} {looped} as $$
#variable_conflict use_column
begin
if not pg_try_advisory_xact_lock(hashtextextended('{schema}.add_minutes', 0)) then
  return;
end if;
with gone as (
  delete from {schema}.minutes_to_add
  where ctid = any(array(select a.ctid from {schema}.minutes_to_add a limit 1000))
  returning minute, subscriptions, results),
sums as (
  select g.minute, x.subscription, count(*) filter (where x.result >= 0) as delivered,
    count(*) filter (where x.result < 0) as failed, array[
    count(*) filter (where x.result in (0, -1)), count(*) filter (where x.result in (1, -2)),
    count(*) filter (where x.result in (2, -3)), count(*) filter (where x.result in (3, -4)),
    count(*) filter (where x.result in (4, -5)), count(*) filter (where x.result in (5, -6)),
    count(*) filter (where x.result in (6, -7)), count(*) filter (where x.result in (7, -8)),
    count(*) filter (where x.result in (8, -9)), count(*) filter (where x.result in (9, -10)),
    count(*) filter (where x.result in (10, -11)), count(*) filter (where x.result in (11, -12))]::int[] as durations
  from gone g cross join unnest(g.subscriptions, g.results) as x(subscription, result)
  group by g.minute, x.subscription)
insert into {schema}.minutes as m (org, subscription, minute, delivered, failed, durations)
select s.org, sums.subscription, sums.minute, sums.delivered, sums.failed, sums.durations
from sums
cross join lateral (select s.org from {schema}.subscriptions s where s.number = sums.subscription limit 1) s
on conflict (org, subscription, minute) do update
set delivered = m.delivered + excluded.delivered, failed = m.failed + excluded.failed, durations = array[
    m.durations[1] + excluded.durations[1], m.durations[2] + excluded.durations[2],
    m.durations[3] + excluded.durations[3], m.durations[4] + excluded.durations[4],
    m.durations[5] + excluded.durations[5], m.durations[6] + excluded.durations[6],
    m.durations[7] + excluded.durations[7], m.durations[8] + excluded.durations[8],
    m.durations[9] + excluded.durations[9], m.durations[10] + excluded.durations[10],
    m.durations[11] + excluded.durations[11], m.durations[12] + excluded.durations[12]];
end $$;
