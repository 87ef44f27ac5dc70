create table {schema}.meta (
  version int not null,
  key     bytea not null);   -- public delivery ids are made under it
insert into {schema}.meta values (0, uuid_send(gen_random_uuid()));

create sequence {schema}.slots;
create sequence {schema}.serials;

-- idle: no delivery needs it any more. It may be forgotten when it is old enough.
create table {schema}.events (
  slot    bigint not null,
  at      timestamptz not null,
  created timestamptz,
  test    bool not null,
  idle    bool not null,
  org     text collate "C" not null,
  id      text collate "C" not null,
  source  text not null,
  type    text not null,
  device  text not null,
  channel text not null,
  trace   text not null,
  digest  bytea not null,
  body    bytea not null,
  primary key (org, id));
create index events_slot on {schema}.events (slot);
create index events_idle on {schema}.events (at) where idle;
alter table {schema}.events alter body set storage external;

-- Unfinished deliveries. A delivery is (slot, sub): slot is its event's, or one of its own if it is a replay.
-- token > 0: leased; < 0: the token that settled it last. live: not a test. ready: it was due when last looked at; the
-- rest waits for a retry. lease: when it ends or ended. It stands in no index, so that a claim is a HOT update.
create table {schema}.q (
  slot    bigint not null,
  sub     bigint not null,
  due     timestamptz not null,
  lease   timestamptz not null default '-infinity',
  token   bigint not null default 0,
  at      timestamptz not null,
  event   bigint not null,
  parent  bigint,
  attempt int not null default 0,
  lapses  int not null default 0,
  ready   bool not null default true,
  live    bool not null default true,
  org     text collate "C" not null,
  reason  text,
  primary key (org, slot, sub)) with (fillfactor = 50,
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000, autovacuum_analyze_scale_factor = 0.1);
create index q_ready on {schema}.q (sub, live, due) where ready;
create index q_later on {schema}.q (due) where not ready;
create index q_waits on {schema}.q (sub) where not ready;

-- Append-only: a row for each attempt and each end. state: 0 goes on, 1 delivered, 2 dead, 3 cancelled; null: an attempt
-- whose lease was lost, or (lapse) that was never heard of again. token 0: ended without a claim. dur in ns; the attempt
-- began so long before logged.
create table {schema}.log (
  slot     bigint not null,
  sub      bigint not null,
  token    bigint not null,
  logged   timestamptz not null,
  created  timestamptz,
  dur      bigint,
  event    bigint not null,
  parent   bigint,
  n        int,
  attempt  int not null,
  http     int,
  state    smallint,
  lapse    bool not null,
  live     bool not null,
  test     bool,
  org      text collate "C" not null,
  reason   text,
  class    text,
  response bytea,
  primary key (org, slot, sub, token, lapse));
create index log_sub on {schema}.log (org, sub, slot) where state > 0;
create index log_dead on {schema}.log (org, slot, sub) where state = 2;
create index log_end on {schema}.log (logged) where state > 0;

-- parent: the delivery that (slot, sub) repeats.
create table {schema}.replays (
  slot   bigint not null,
  sub    bigint not null,
  parent bigint not null,
  event  bigint not null,
  org    text collate "C" not null,
  primary key (org, parent, sub, slot));
create index replays_event on {schema}.replays (org, event);

-- sub: the shard in the top bits, a serial below, so that an order by sub is an order by shard. What is deleted stays as
-- a name (gone) until nothing in the log needs it; swept: the queue is known to hold nothing of it.
-- subs_sub and events_slot have no org in them, so that one index alone can serve each look-up: given two, a plan made
-- while the table was empty takes the wrong one and reads a whole org for each row.
create table {schema}.subs (
  sub     bigint not null,
  version bigint not null,
  gone    timestamptz not null default 'infinity',
  swept   bool not null default false,
  org     text collate "C" not null,
  id      text collate "C" not null,
  status  text not null,
  topics  text[] not null,
  record  jsonb not null,
  primary key (org, id, gone)) with (fillfactor = 80);
create index subs_sub on {schema}.subs (sub);
create index subs_held on {schema}.subs (sub) where status not in ('active', 'gone');
create index subs_gone on {schema}.subs (sub) where gone < 'infinity';
create table {schema}.topics (
  sub   bigint not null,
  org   text collate "C" not null,
  topic text collate "C" not null,
  primary key (org, topic, sub));
create table {schema}.health (
  sub    bigint not null,
  since  timestamptz,
  streak int not null default 0,
  org    text collate "C" not null,
  primary key (org, sub)) with (fillfactor = 50);
create index health_failing on {schema}.health (sub) where streak > 0;

create table {schema}.minutes (
  sub       bigint not null,
  at        timestamptz not null,
  delivered int not null,
  failed    int not null,
  org       text collate "C" not null,
  durations int[] not null,
  primary key (org, sub, at));
create index minutes_at on {schema}.minutes (at);

-- What is still to be added to the minutes: a row for each batch of outcomes, since a row of minutes for each subscription
-- in it would cost more than all else that a settle writes. what: the bucket of a delivered one's duration, else -1 less that.
create table {schema}.counts (
  at   timestamptz not null,
  sub  bigint[] not null,
  what smallint[] not null) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, toast_tuple_target = 8160);

-- Processes that may be asleep until idle. Publishers notify while there is one.
create table {schema}.workers (
  id   bigint primary key,
  idle timestamptz not null,
  name text not null) with (fillfactor = 50);
