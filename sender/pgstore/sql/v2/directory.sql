-- The new version; 0: there is none to replace, -1: another version stands. Topics that stay are not written again.
create or replace function {schema}.put(_org text, _id text, _version bigint, _status text, _topics text[], _record jsonb) returns bigint
language plpgsql {indexed} as $$
declare
  _sub bigint;
  _was record;
  _same bool;
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
  select sub, version, status, topics, record ->> 'URL' as url into _was from {schema}.subs
    where org = _org and id = _id and gone = 'infinity' for update;
  if not found then
    return 0;
  elsif _was.version <> _version then
    return -1;
  end if;
  _same := _was.topics = _topics;
  update {schema}.subs set version = _version + 1, status = _status, record = _record,
      topics = case when _same then topics else _topics end
    where org = _org and id = _id and gone = 'infinity';
  if not _same then
    -- by the old list, not by (org, sub): no index begins with those
    delete from {schema}.topics where org = _org and sub = _was.sub
      and topic = any(array(select unnest(_was.topics) except select unnest(_topics)));
    insert into {schema}.topics (org, topic, sub) select _org, t, _was.sub
      from (select unnest(_topics) as t except select unnest(_was.topics)) t on conflict do nothing;
  end if;
  if _status = 'active' and _was.status <> 'active' or _was.url is distinct from _record ->> 'URL' then
    update {schema}.health set streak = 0, since = null where org = _org and sub = _was.sub and streak > 0;
  end if;
  if _status = 'active' and _was.status <> 'active' then
    perform pg_notify('{channel}', '');
  end if;
  return _version + 1;
end $$;
