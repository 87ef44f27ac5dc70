-- Stores events and makes their deliveries. In steps, each of which has a small plan: starting a large one costs more
-- than a single publication does.
--
-- _only: null if no event is for one subscription alone. _topic_org and _topic are the topics, each once. A pair says
-- that the event at one ordinal has the topic at another.
-- _limit below 0: in a transaction of the host, which may end in PREPARE TRANSACTION where the server has it. Postgres
-- refuses that after a notification, so that there is none then.
--
-- The answer is text, which every driver reads. numbers: of each event; 0 for one that was not stored since its id is
-- known, -1 if _only names nothing. made: for each delivery the ordinal of its event, and beside it in subscriptions
-- and versions whose it is. inactive: JSON [[ordinal, id]]. leased, leased_of and places: number, subscription and
-- place in the heap of what was leased.
create function {schema}.enqueue(_org text[], _id text[], _source text[], _type text[], _device text[],
  _channel text[], _is_test bool[], _created_at timestamptz[], _body bytea[], _digest bytea[], _trace text[],
  _only text[], _topic_org text[], _topic text[], _pair_event int[], _pair_topic int[],
  _token bigint, _lease bigint, _limit int, _each int, _quota jsonb,
  out at timestamptz, out numbers text, out made text, out inactive text,
  out leased text, out leased_of text, out places text, out subscriptions text, out versions text)
language plpgsql {indexed} set enable_nestloop = off as $$
#variable_conflict use_column
declare
  _n int := cardinality(_org);
  _numbers bigint[];
  _stored bigint[];
  _alone int[];         -- events without a delivery
  _ord int[];           -- the deliveries: ordinal of the event,
  _orgs text[];         -- and of the subscription
  _subs bigint[];
  _versions bigint[];
  _ids text[];
  _active bool[];
  _tests bool[];
  _all bool;
  _waits bool;
begin
at := now();
if _n = 1 then
  _numbers := array[nextval('{schema}.numbers')];
else
  _numbers := array(select nextval('{schema}.numbers') from generate_series(1, _n));
end if;
select array_agg(m.ord), array_agg(s.org), array_agg(m.subscription), array_agg(s.version), array_agg(s.id),
  array_agg(s.active), array_agg(false)
into _ord, _orgs, _subs, _versions, _ids, _active, _tests
from (
  select p.ord, t.subscription from unnest(_topic_org, _topic) with ordinality as w(org, topic, ord)
  cross join lateral (
    select t.subscription from {schema}.topics t where t.org = w.org and t.topic = w.topic offset 0) t
  join unnest(_pair_event, _pair_topic) as p(ord, topic) on p.topic = w.ord
  group by p.ord, t.subscription) m
cross join lateral (
  select s.org, s.id, s.version, s.status = 'active' as active
  from {schema}.subscriptions s where s.number = m.subscription limit 1) s;
if _only is not null then
  select array_agg(o.ord), array_agg(o.org), array_agg(o.number), array_agg(o.version), array_agg(o.id),
    array_agg(o.active), array_agg(o.is_test)
  into _ord, _orgs, _subs, _versions, _ids, _active, _tests
  from (
    select m.*, false as is_test
    from unnest(_ord, _orgs, _subs, _versions, _ids, _active) as m(ord, org, number, version, id, active)
    where _ord is not null
    union all
    select o.ord, s.org, s.number, s.version, s.id, s.status = 'active', true
    from unnest(_org, _only) with ordinality as o(org, id, ord)
    cross join lateral (
      select s.* from {schema}.subscriptions s
      where s.org = o.org and s.id = o.id and s.removed_at = 'infinity' limit 1) s
    where o.id <> '') o;
  _numbers := array(select case when o.target = '' or o.ord = any(_ord) then o.number else -1 end
    from unnest(_numbers, _only) with ordinality as o(number, target, ord) order by o.ord);
end if;
if _n > 1 then
  _alone := array(select generate_series(1, _n) except select unnest(_ord));
elsif _ord is null then
  _alone := '{1}';
end if;
if _n = 1 then
  insert into {schema}.events (number, published_at, org, id, source, type, device, channel, is_test, created_at, body,
    digest, trace, unreferenced)
  select _numbers[1], now(), _org[1], _id[1], _source[1], _type[1], _device[1], _channel[1], _is_test[1],
    _created_at[1], _body[1], _digest[1], _trace[1], _alone is not null
  where _numbers[1] > 0
  on conflict (org, id) do nothing returning array[number] into _stored;
else
  with stored as (
    insert into {schema}.events (number, published_at, org, id, source, type, device, channel, is_test, created_at,
      body, digest, trace, unreferenced)
    select _numbers[o.ord], now(), o.org, o.id, o.source, o.type, o.device, o.channel, o.is_test, o.created_at, o.body,
      o.digest, o.trace, o.ord = any(coalesce(_alone, '{}'))
    from unnest(_org, _id, _source, _type, _device, _channel, _is_test, _created_at, _body, _digest, _trace)
      with ordinality as o(org, id, source, type, device, channel, is_test, created_at, body, digest, trace, ord)
    where _numbers[o.ord] > 0
    order by o.org, o.id            -- two batches with the same ids in other orders do not deadlock
    on conflict (org, id) do nothing returning number)
  select array_agg(number) into _stored from stored;
end if;
if cardinality(_stored) is distinct from _n then
  _numbers := array(select case when o.number < 0 or o.number = any(_stored) then o.number else 0 end
    from unnest(_numbers) with ordinality as o(number, ord) order by o.ord);
  select array_agg(o.ord), array_agg(o.org), array_agg(o.subscription), array_agg(o.version), array_agg(o.id),
    array_agg(o.active), array_agg(o.is_test)
  into _ord, _orgs, _subs, _versions, _ids, _active, _tests
  from unnest(_ord, _orgs, _subs, _versions, _ids, _active, _tests)
    as o(ord, org, subscription, version, id, active, is_test)
  where _numbers[o.ord] > 0;
end if;
numbers := array_to_string(_numbers, ',');
if _ord is null then
  return;
end if;
made := array_to_string(_ord, ',');
if false = any(_active) then
  select json_agg(json_build_array(o.ord, o.id)) into inactive
  from unnest(_ord, _ids, _active, _tests) as o(ord, id, active, is_test)
  where not o.is_test and not o.active;
end if;
if _token = 0 then
  insert into {schema}.unfinished_deliveries (org, number, subscription, event, is_test, created_at, due_at)
  select o.org, _numbers[o.ord], o.subscription, _numbers[o.ord], o.is_test, now(), now()
  from unnest(_ord, _orgs, _subs, _tests) as o(ord, org, subscription, is_test);
  _waits := true = any(_active) or true = any(_tests);
else
  -- up to _each of a subscription, or what _quota says, are leased, and _limit in all, tests beyond both
  _all := cardinality(_ord) <= _limit and true = all(_active)
    and case when cardinality(_ord) = 1 then coalesce((_quota -> _ids[1])::int, _each) > 0 else not exists (
      select 1 from unnest(_ids) as o(id) group by o.id having count(*) > coalesce((_quota -> o.id)::int, _each)) end;
  if _all then
    with stored as (
      insert into {schema}.unfinished_deliveries as d (org, number, subscription, event, is_test, created_at, due_at,
        token, lease_ends_at)
      select o.org, _numbers[o.ord], o.subscription, _numbers[o.ord], o.is_test, now(), now(),
        _token, now() + _lease * interval '1 microsecond'
      from unnest(_ord, _orgs, _subs, _tests) as o(ord, org, subscription, is_test)
      returning d.number, d.subscription, d.ctid as place)
    select array_to_string(array_agg(s.number), ','), array_to_string(array_agg(s.subscription), ','),
      array_to_string(array_agg(s.place), ';')
    into leased, leased_of, places from stored s;
  else
    with fitting as (
      select *, may and row_number() over (partition by subscription, may order by is_test desc, ord)
        <= coalesce((_quota -> id)::int, _each) as fits
      from (
        select o.*, o.is_test or o.active as may from unnest(_ord, _orgs, _subs, _ids, _active, _tests)
          as o(ord, org, subscription, id, active, is_test)) o),
    chosen as materialized (
      select *, may and (is_test or fits and count(*) filter (where fits or is_test)
        over (order by is_test desc, ord, subscription rows unbounded preceding) <= _limit) as lease
      from fitting),
    stored as (
      insert into {schema}.unfinished_deliveries as d (org, number, subscription, event, is_test, created_at, due_at,
        token, lease_ends_at)
      select org, _numbers[ord], subscription, _numbers[ord], is_test, now(), now(),
        case when lease then _token else 0 end,
        case when lease then now() + _lease * interval '1 microsecond' else '-infinity' end
      from chosen
      returning d.number, d.subscription, d.ctid as place, d.token)
    select array_to_string(array_agg(s.number), ','), array_to_string(array_agg(s.subscription), ','),
      array_to_string(array_agg(s.place), ';'), (select bool_or(not lease and (active or is_test)) from chosen)
    into leased, leased_of, places, _waits
    from stored s where s.token <> 0;
  end if;
  subscriptions := array_to_string(_subs, ',');
  versions := array_to_string(_versions, ',');
end if;
if _waits and not (_limit < 0 and current_setting('max_prepared_transactions')::int > 0)
  and exists (select 1 from {schema}.processes where asleep_until > now()) then
  perform pg_notify('{channel}', '');   -- only while somebody sleeps: it makes commits queue for one lock
end if;
end $$;
