-- The new version; 0: there is none to replace, -1: another version stands.
create function {schema}.put(_org text, _id text, _version bigint, _status text, _topics text[], _record jsonb) returns bigint
language plpgsql {indexed} as $$
declare
  _sub bigint;
  _was record;
begin
  if _version = 0 then
    _sub := nextval('{schema}.serials');
    insert into {schema}.subs (org, id, sub, version, status, topics, record)
      values (_org, _id, (_sub * 2654435761 % 4294967296 >> 26) << 56 | _sub, 1, _status, _topics, _record)
      on conflict do nothing returning subs.sub into _sub;
    if not found then
      return -1;
    end if;
    insert into {schema}.health (org, sub) values (_org, _sub);
    insert into {schema}.topics (org, topic, sub) select distinct _org, t, _sub from unnest(_topics) t;
    return 1;
  end if;
  select sub, version, status, topics into _was from {schema}.subs
    where org = _org and id = _id and gone = 'infinity' for update;
  if not found then
    return 0;
  elsif _was.version <> _version then
    return -1;
  end if;
  update {schema}.subs set version = _version + 1, status = _status, topics = _topics, record = _record
    where org = _org and id = _id and gone = 'infinity';
  -- by the old list, not by (org, sub): no index begins with those
  delete from {schema}.topics where org = _org and sub = _was.sub
    and topic = any(array(select unnest(_was.topics) except select unnest(_topics)));
  insert into {schema}.topics (org, topic, sub) select distinct _org, t, _was.sub from unnest(_topics) t on conflict do nothing;
  if _status = 'active' and _was.status <> 'active' then
    update {schema}.health set streak = 0, since = null where org = _org and sub = _was.sub and streak > 0;
    perform pg_notify('{channel}', '');
  end if;
  return _version + 1;
end $$;

-- What is removed keeps its name, for the log; its secrets go.
create function {schema}.remove(_org text, _id text) returns bool
language plpgsql {indexed} as $$
declare
  _was record;
begin
  select sub, topics into _was from {schema}.subs where org = _org and id = _id and gone = 'infinity' for update;
  if not found then
    return false;
  end if;
  update {schema}.subs set gone = now(), status = 'gone', version = version + 1, topics = '{}', record = '{}'
    where org = _org and id = _id and gone = 'infinity';
  delete from {schema}.topics where org = _org and sub = _was.sub and topic = any(_was.topics);
  delete from {schema}.health where org = _org and sub = _was.sub;
  return true;
end $$;

create function {schema}.records(_sub bigint[])
returns table (sub bigint, version bigint, record text, topics text[])
language plpgsql {indexed} {looped} as $$
#variable_conflict use_column
begin
return query
select s.sub, s.version, s.record::text, s.topics
from unnest(_sub) as o(sub) cross join lateral (select s.* from {schema}.subs s where s.sub = o.sub limit 1) s
where s.status <> 'gone';
end $$;
