-- Writes down deliveries that succeeded, of subscriptions that have nothing else in the batch. That is nearly all that
-- is ever settled. They are found by the place in the heap where the claim left them, which nothing moves but a rewrite
-- of the table. They come in the order of (number, subscription), in which everything here takes its locks.
-- _duration in ns; _result as minutes_to_add has it; _add: add to the minutes what was counted so far. Tells which
-- did not hold their delivery there (ordinals), null if all did.
create function {schema}.settle_delivered(_place tid[], _number bigint[], _subscription bigint[], _token bigint[],
  _attempt int[], _duration bigint[], _status int[], _response bytea[], _result smallint[], _add bool)
returns bigint[]
language plpgsql {indexed} {looped} as $$
#variable_conflict use_column
declare
  _done bigint[];
  _missed bigint[];
begin
with done as (
  delete from {schema}.unfinished_deliveries d
  using unnest(_place, _number, _subscription, _token, _attempt, _duration, _status, _response)
    with ordinality as o(place, number, subscription, token, attempt, duration, status, response, ord)
  where d.ctid = o.place and d.number = o.number and d.subscription = o.subscription and d.token = o.token
    -- so that the planner expects few of them: else it would walk the table to find these
    and o.number > 0 and o.subscription > 0 and o.token > 0
  returning d.org, d.number, d.subscription, d.token, d.event, d.replayed_from, d.created_at, d.is_test,
    o.attempt, o.duration, o.status, o.response, o.ord),
logged as (
  insert into {schema}.attempts (org, delivery, subscription, token, lapsed, event, replayed_from, created_at, is_test,
    attempts_made, state, attempt_number, duration_ns, status_code, response, logged_at)
  select org, number, subscription, token, false, event, replayed_from, created_at, is_test, attempt, 1, attempt,
    duration, status, response, now()
  from done)
select array_agg(ord) into _done from done;
if cardinality(_done) is distinct from cardinality(_number) then
  _missed := array(select i from generate_series(1, cardinality(_number)) i where i <> all(coalesce(_done, '{}')));
  _subscription := array(select _subscription[i] from unnest(_done) i);
  _result := array(select _result[i] from unnest(_done) i);
end if;
if cardinality(_subscription) > 0 then
  insert into {schema}.minutes_to_add (minute, subscriptions, results)
    values (date_trunc('minute', now()), _subscription, _result);
  if exists (select 1 from {schema}.health where consecutive_dead > 0) then
    update {schema}.health h set consecutive_dead = 0, failing_since = null from (
      select x.place from (select distinct subscription from unnest(_subscription) as o(subscription) order by 1) o
      cross join lateral (
        select h.ctid as place from {schema}.health h
        where h.consecutive_dead > 0 and h.subscription = o.subscription limit 1 for update) x) failing
    where h.ctid = failing.place;
  end if;
end if;
if _add then
  perform {schema}.add_minutes();
end if;
return _missed;
end $$;

-- Writes down any outcomes that still hold their delivery. One whose row somebody changed just then is left out, as a
-- cancellation does that marks it, and settle_late tells that its token holds still. _after in µs; _attempt null: no
-- request was made; _duration in ns; _health: 1 a success, 2 a dead delivery.
-- Answers one row for each that applied (ord > 0; cancelled: it was cancelled meanwhile, and ended so whatever the
-- outcome says), and the health of each subscription that was judged (ord 0).
create function {schema}.settle(_org text[], _number bigint[], _subscription bigint[], _token bigint[],
  _state smallint[], _after bigint[], _reason text[], _attempt int[], _duration bigint[], _status int[],
  _response bytea[], _class text[], _test bool[], _health smallint[], _bucket smallint[])
returns table (ord bigint, cancelled bool, org text, subscription bigint, consecutive_dead int, failing bigint)
language plpgsql {indexed} {looped} as $$
#variable_conflict use_column
begin
return query
with o as materialized (
  select * from unnest(_org, _number, _subscription, _token, _state, _after, _reason, _attempt, _duration, _status,
    _response, _class, _test, _health, _bucket)
    with ordinality as o(org, number, subscription, token, state, after, reason, attempt, duration, status,
      response, class, test, health, bucket, ord)),
t as materialized (                      -- LIMIT 1: one index probe each, whatever the statistics say
  select o.*, o.attempt is not null and o.class <> 'unknown' as known, x.place, x.cancelling,
    x.cancelling and o.state <> 1 as cancelled
  from o cross join lateral (
    select d.ctid as place, d.token, d.cancelling from {schema}.unfinished_deliveries d
    where d.org = o.org and d.number = o.number and d.subscription = o.subscription limit 1) x
  where x.token = o.token
  order by o.number, o.subscription),    -- one call repeated while it runs, in another order, does not deadlock
done as (
  delete from {schema}.unfinished_deliveries d using t
  where d.ctid = t.place and d.token = t.token and d.cancelling = t.cancelling and (t.state > 0 or t.cancelled)
  returning d.org, d.number, d.subscription, d.token, d.event, d.replayed_from, d.created_at, d.is_test,
    case when t.known then t.attempt else d.attempts_made end as made,
    case when t.cancelled then 3::smallint else t.state end as state,
    case when t.cancelled then {cancelled} else t.reason end as reason,
    t.attempt, t.duration, t.status, t.class, t.response, t.test, t.known, t.health, t.bucket, t.ord, t.cancelled),
again as (
  update {schema}.unfinished_deliveries d set token = -t.token, lease_ends_at = now(), ready = t.after <= 0,
    due_at = now() + greatest(t.after, 0) * interval '1 microsecond', reason = nullif(t.reason, ''),
    attempts_made = case when t.known then t.attempt else d.attempts_made end
  from t
  where d.ctid = t.place and d.token = t.token and d.cancelling = t.cancelling and t.state = 0 and not t.cancelled
  returning d.org, d.number, d.subscription, t.token, d.event, d.replayed_from, d.created_at, d.is_test,
    d.attempts_made, t.state, t.reason,
    t.attempt, t.duration, t.status, t.class, t.response, t.test, t.known, t.health, t.bucket, t.ord, t.cancelled),
applied as materialized (select * from done union all select * from again),
logged as (
  insert into {schema}.attempts (org, delivery, subscription, token, lapsed, event, replayed_from, created_at, is_test,
    attempt_is_test, attempts_made, state, reason, attempt_number, duration_ns, status_code, error_class, response,
    logged_at)
  select org, number, subscription, token, false, event, replayed_from, created_at, is_test, test, made, state,
    nullif(reason, ''), attempt, duration, status, nullif(class, ''), response, now()
  from applied where attempt is not null or state > 0 order by ord),
counted as (
  insert into {schema}.minutes_to_add (minute, subscriptions, results)
  select date_trunc('minute', now()), array_agg(subscription),
    array_agg(case when state = 1 then bucket else -1 - bucket end)
  from applied where known having count(*) > 0),
tally as (
  select org, subscription, count(*) filter (where health = 2 and ord > success)::int as dead, max(success) > 0 as reset
  from (
    select org, subscription, health, ord,
      coalesce(max(ord) filter (where health = 1) over (partition by org, subscription), 0) as success
    from applied where health > 0) x
  group by org, subscription),
locked as materialized (                 -- in one order, so that two batches do not deadlock
  select t.* from (select * from tally order by subscription) t cross join lateral (
    select 1 from {schema}.health h
    where h.org = t.org and h.subscription = t.subscription and (t.dead > 0 or h.consecutive_dead > 0)
    limit 1 for update) h),
judged as (
  update {schema}.health h set
    consecutive_dead = case when l.reset then 0 else h.consecutive_dead end + l.dead,
    failing_since = case when l.dead = 0 then null when l.reset or h.consecutive_dead = 0 then now()
      else h.failing_since end
  from locked l where h.org = l.org and h.subscription = l.subscription
  returning h.org, h.subscription, h.consecutive_dead, h.failing_since),
told as materialized (
  select count(pg_notify('{channel}', '')) from (select 1 from {schema}.processes where asleep_until > now() limit 1) p
  where exists (select 1 from again join t on t.ord = again.ord where t.after <= 0))
select a.ord, a.cancelled, null::text, 0::bigint, 0, null::bigint from applied a, told
union all
select 0, false, org, subscription, consecutive_dead, (extract(epoch from now() - failing_since) * 1000000)::bigint
from judged
union all
select 0, false, x.org, x.subscription, h.consecutive_dead,
  (extract(epoch from now() - h.failing_since) * 1000000)::bigint
from (select distinct org, subscription from applied where health = 0) x cross join lateral (
  select h.consecutive_dead, h.failing_since from {schema}.health h
  where h.org = x.org and h.subscription = x.subscription and h.consecutive_dead > 0 limit 1) h
where not exists (select 1 from judged j where j.org = x.org and j.subscription = x.subscription);
end $$;

-- The rest, which is rare: outcomes that were applied before (repeat), and those whose lease was lost, which leave
-- their attempt behind. cancelled: it ended so, whatever the outcome says. current: the token holds it still.
create function {schema}.settle_late(_org text[], _number bigint[], _subscription bigint[], _token bigint[],
  _state smallint[], _attempt int[], _duration bigint[], _status int[], _class text[], _response bytea[], _test bool[])
returns table (ord bigint, current bool, repeat bool, cancelled bool, consecutive_dead int, failing bigint)
language plpgsql {indexed} {looped} as $$
#variable_conflict use_column
begin
-- Erase waits for these events before it has nothing left to do. What was erased before is not seen by what follows.
perform 1 from (
  select distinct k.event from unnest(_org, _number, _subscription) as o(org, number, subscription)
  cross join lateral (
    select d.event from {schema}.unfinished_deliveries d
    where d.org = o.org and d.number = o.number and d.subscription = o.subscription
    union all
    select a.event from {schema}.attempts a
    where a.org = o.org and a.delivery = o.number and a.subscription = o.subscription limit 1) k
  order by k.event) x
cross join lateral (select 1 from {schema}.events e where e.number = x.event limit 1 for key share) e;
return query
with o as materialized (
  select * from unnest(_org, _number, _subscription, _token, _state, _attempt, _duration, _status, _class, _response,
    _test) with ordinality
    as o(org, number, subscription, token, state, attempt, duration, status, class, response, test, ord)),
t as materialized (
  select o.*, coalesce(d.token = o.token, false) as current,
    coalesce(d.token = -o.token and o.state = 0 or a.state > 0 and (a.state = o.state or a.cancelled and o.state <> 1),
      false) as repeat,
    coalesce(a.cancelled and o.state <> 1, false) as cancelled, coalesce(a.logged, false) as logged,
    coalesce(d.event, k.event) as event, coalesce(d.replayed_from, k.replayed_from) as replayed_from,
    coalesce(d.created_at, k.created_at) as created_at, coalesce(d.attempts_made, k.attempts_made) as made,
    coalesce(d.is_test, k.is_test) as is_test
  from o
  left join lateral (
    select d.* from {schema}.unfinished_deliveries d
    where d.org = o.org and d.number = o.number and d.subscription = o.subscription limit 1) d on true
  left join lateral (
    select a.state, a.state = 3 and a.reason = {cancelled} as cancelled, true as logged from {schema}.attempts a
    where a.org = o.org and a.delivery = o.number and a.subscription = o.subscription and a.token = o.token
      and not a.lapsed limit 1) a on true
  left join lateral (
    select a.event, a.replayed_from, a.created_at, a.attempts_made, a.is_test from {schema}.attempts a
    where a.org = o.org and a.delivery = o.number and a.subscription = o.subscription limit 1) k on true),
kept as (
  insert into {schema}.attempts (org, delivery, subscription, token, lapsed, event, replayed_from, created_at, is_test,
    attempt_is_test, attempts_made, attempt_number, duration_ns, status_code, error_class, response, logged_at)
  select org, number, subscription, token, false, event, replayed_from, created_at, is_test, test, made, attempt,
    duration, status, nullif(class, ''), response, now()
  from t where not repeat and not current and not logged and event is not null and attempt is not null
  order by org, number, subscription, token
  on conflict do nothing)
select t.ord, t.current, t.repeat, t.cancelled, h.consecutive_dead,
  (extract(epoch from now() - h.failing_since) * 1000000)::bigint
from t left join lateral (
  select h.consecutive_dead, h.failing_since from {schema}.health h
  where t.repeat and h.org = t.org and h.subscription = t.subscription limit 1) h on true;
end $$;
