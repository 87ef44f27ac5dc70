-- The new version; 0: there is none to replace, -1: another version stands. Topics that stay are not written again.
create function {schema}.put_subscription(_org text, _id text, _version bigint, _status text, _topics text[],
  _record jsonb) returns bigint
language plpgsql {indexed} as $$
declare
  _number bigint;
  _was record;
  _same bool;
begin
if _version = 0 then
  -- a claim goes round by number, and each process begins anywhere: the upper bits spread what was made in a row
  _number := nextval('{schema}.subscription_numbers');
  _number := (_number * 2654435761 % 4294967296 >> 26) << 56 | _number;
  insert into {schema}.subscriptions (org, id, number, version, status, topics, record)
    values (_org, _id, _number, 1, _status, _topics, _record)
    on conflict do nothing;
  if not found then
    return -1;
  end if;
  insert into {schema}.health (org, subscription) values (_org, _number);
  insert into {schema}.topics (org, topic, subscription) select distinct _org, t, _number from unnest(_topics) t;
  return 1;
end if;
select number, version, status, topics, record ->> 'URL' as url into _was from {schema}.subscriptions
  where org = _org and id = _id and removed_at = 'infinity' for update;
if not found then
  return 0;
elsif _was.version <> _version then
  return -1;
end if;
_same := _was.topics = _topics;
update {schema}.subscriptions set version = _version + 1, status = _status, record = _record,
    topics = case when _same then topics else _topics end
  where org = _org and id = _id and removed_at = 'infinity';
if not _same then
  -- by the old list, not by (org, subscription): no index begins with those
  delete from {schema}.topics where org = _org and subscription = _was.number
    and topic = any(array(select unnest(_was.topics) except select unnest(_topics)));
  insert into {schema}.topics (org, topic, subscription) select _org, t, _was.number
    from (select unnest(_topics) as t except select unnest(_was.topics)) t on conflict do nothing;
end if;
if _status = 'active' and _was.status <> 'active' or _was.url is distinct from _record ->> 'URL' then
  update {schema}.health set consecutive_dead = 0, failing_since = null
    where org = _org and subscription = _was.number and consecutive_dead > 0;
end if;
if _status = 'active' and _was.status <> 'active' then
  perform pg_notify('{channel}', '');
end if;
return _version + 1;
end $$;

-- What is removed keeps its name, for the attempts; its secrets go.
create function {schema}.remove_subscription(_org text, _id text) returns bool
language plpgsql {indexed} as $$
declare
  _was record;
begin
select number, topics into _was from {schema}.subscriptions
  where org = _org and id = _id and removed_at = 'infinity' for update;
if not found then
  return false;
end if;
update {schema}.subscriptions set removed_at = now(), status = 'removed', version = version + 1, topics = '{}',
    record = '{}'
  where org = _org and id = _id and removed_at = 'infinity';
delete from {schema}.topics where org = _org and subscription = _was.number and topic = any(_was.topics);
delete from {schema}.health where org = _org and subscription = _was.number;
return true;
end $$;

create function {schema}.subscriptions_by_number(_number bigint[])
returns table (number bigint, version bigint, record text, topics text[])
language plpgsql {indexed} {looped} as $$
#variable_conflict use_column
begin
return query
select s.number, s.version, s.record::text, s.topics
from unnest(_number) as o(number)
cross join lateral (select s.* from {schema}.subscriptions s where s.number = o.number limit 1) s
where s.status <> 'removed';
end $$;
