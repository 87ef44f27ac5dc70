-- The tables as they are now. A database gets them from v1/tables.sql and v2/tables.sql, one after the other; a test
-- holds this page against what those make. comments.sql says what each table and column is for.
create table {schema}.meta (
  version         int not null,
  delivery_id_key bytea not null);

create sequence {schema}.numbers;               -- of events and of replays
create sequence {schema}.subscription_numbers;

-- events_org has the same order as "C" under another name. So no look-up by (org, id) can take it by mistake, and
-- read a whole org: see subscriptions_number.
create table {schema}.events (
  number       bigint not null,
  published_at timestamptz not null,
  created_at   timestamptz,
  is_test      bool not null,
  unreferenced bool not null,
  org          text collate "C" not null,
  id           text collate "C" not null,
  source       text not null,
  type         text not null,
  device       text not null,
  channel      text not null,
  trace        text not null,
  digest       bytea not null,
  body         bytea not null,
  primary key (org, id));
create index events_number on {schema}.events (number);
create index events_org on {schema}.events (org collate "POSIX", number);
create index events_unreferenced on {schema}.events (published_at) where unreferenced;
alter table {schema}.events alter body set storage external;

-- lease_ends_at stands in no index, so that a claim is a HOT update.
create table {schema}.unfinished_deliveries (
  number        bigint not null,
  subscription  bigint not null,
  due_at        timestamptz not null,
  lease_ends_at timestamptz not null default '-infinity',
  token         bigint not null default 0,
  created_at    timestamptz not null,
  event         bigint not null,
  replayed_from bigint,
  attempts_made int not null default 0,
  lapses        int not null default 0,
  ready         bool not null default true,
  org           text collate "C" not null,
  reason        text,
  is_test       bool not null default false,
  leased_at     timestamptz,
  cancelling    bool not null default false,
  primary key (org, number, subscription)) with (fillfactor = 50,
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000, autovacuum_analyze_scale_factor = 0.1);
create index unfinished_ready on {schema}.unfinished_deliveries (subscription, is_test desc, due_at) where ready;
create index unfinished_waiting on {schema}.unfinished_deliveries (due_at) where not ready;
create index unfinished_waiting_subscription on {schema}.unfinished_deliveries (subscription) where not ready;
create index unfinished_cancelling on {schema}.unfinished_deliveries (subscription) where cancelling;

create table {schema}.attempts (
  delivery        bigint not null,
  subscription    bigint not null,
  token           bigint not null,
  logged_at       timestamptz not null,
  created_at      timestamptz,
  duration_ns     bigint,
  event           bigint not null,
  replayed_from   bigint,
  attempt_number  int,
  attempts_made   int not null,
  status_code     int,
  state           smallint,
  lapsed          bool not null,
  attempt_is_test bool,
  org             text collate "C" not null,
  reason          text,
  error_class     text,
  response        bytea,
  is_test         bool not null default false,
  primary key (org, delivery, subscription, token, lapsed));
create index attempts_subscription on {schema}.attempts (org, subscription, delivery) where state > 0;
create index attempts_dead on {schema}.attempts (org, delivery, subscription) where state = 2;
create index attempts_finished on {schema}.attempts (logged_at) where state > 0;

create table {schema}.replays (
  delivery      bigint not null,
  subscription  bigint not null,
  replayed_from bigint not null,
  event         bigint not null,
  org           text collate "C" not null,
  primary key (org, replayed_from, subscription, delivery));
create index replays_event on {schema}.replays (org, event, subscription, delivery);

-- subscriptions_number and events_number have no org in them, so that one index alone can serve each look-up. Given
-- two, a plan made while the table was empty takes the wrong one, and reads a whole org for each row.
create table {schema}.subscriptions (
  number     bigint not null,
  version    bigint not null,
  removed_at timestamptz not null default 'infinity',
  drained    bool not null default false,
  org        text collate "C" not null,
  id         text collate "C" not null,
  status     text not null,
  topics     text[] not null,
  record     jsonb not null,
  primary key (org, id, removed_at)) with (fillfactor = 80);
create index subscriptions_number on {schema}.subscriptions (number);
create index subscriptions_held on {schema}.subscriptions (number) where status not in ('active', 'removed');
create index subscriptions_removed on {schema}.subscriptions (number) where removed_at < 'infinity';

create table {schema}.topics (
  subscription bigint not null,
  org          text collate "C" not null,
  topic        text collate "C" not null,
  primary key (org, topic, subscription));

create table {schema}.health (
  subscription     bigint not null,
  failing_since    timestamptz,
  consecutive_dead int not null default 0,
  org              text collate "C" not null,
  primary key (org, subscription)) with (fillfactor = 50);
alter table {schema}.health add constraint health_failing_since check (isfinite(failing_since)) not valid;
create index health_failing on {schema}.health (subscription) where consecutive_dead > 0;

create table {schema}.minutes (
  subscription bigint not null,
  minute       timestamptz not null,
  delivered    int not null,
  failed       int not null,
  org          text collate "C" not null,
  durations    int[] not null,
  primary key (org, subscription, minute));
create index minutes_minute on {schema}.minutes (minute);

create table {schema}.minutes_to_add (
  minute        timestamptz not null,
  subscriptions bigint[] not null,
  results       smallint[] not null) with (autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 1000, toast_tuple_target = 8160);

create table {schema}.processes (
  id           bigint primary key,
  asleep_until timestamptz not null,
  name         text not null) with (fillfactor = 50);
