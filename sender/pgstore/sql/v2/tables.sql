-- Names and columns that an operator can read. Nothing is copied: tables are renamed as they stand, and what is written
-- are the few rows of tests and of removed subscriptions. Programs of version 1 find none of their functions any more.
drop function {schema}.alone, {schema}.bodies, {schema}.claim, {schema}.deliver, {schema}.enqueue, {schema}.fold,
  {schema}.known, {schema}.purge_events, {schema}.purge_finished, {schema}.put, {schema}.records, {schema}.remove,
  {schema}.replay, {schema}.settle, {schema}.stale, {schema}.sweep, {schema}.tidy, {schema}.trim;

alter table {schema}.meta rename column key to delivery_id_key;
alter sequence {schema}.slots rename to numbers;
alter sequence {schema}.serials rename to subscription_numbers;

alter table {schema}.events rename column slot to number;
alter table {schema}.events rename column at to published_at;
alter table {schema}.events rename column created to created_at;
alter table {schema}.events rename column test to is_test;
alter table {schema}.events rename column idle to unreferenced;
alter index {schema}.events_slot rename to events_number;
alter index {schema}.events_idle rename to events_unreferenced;
create index events_org on {schema}.events (org collate "POSIX", number);  -- newest first, see list_events

alter table {schema}.q rename to unfinished_deliveries;
alter table {schema}.unfinished_deliveries rename column slot to number;
alter table {schema}.unfinished_deliveries rename column sub to subscription;
alter table {schema}.unfinished_deliveries rename column due to due_at;
alter table {schema}.unfinished_deliveries rename column lease to lease_ends_at;
alter table {schema}.unfinished_deliveries rename column at to created_at;
alter table {schema}.unfinished_deliveries rename column parent to replayed_from;
alter table {schema}.unfinished_deliveries rename column attempt to attempts_made;
alter table {schema}.unfinished_deliveries add column is_test bool not null default false;
update {schema}.unfinished_deliveries set is_test = true where not live;
alter table {schema}.unfinished_deliveries drop column live;  -- and with it q_ready
alter table {schema}.unfinished_deliveries add column leased_at timestamptz;
alter table {schema}.unfinished_deliveries add column cancelling bool not null default false;
create index unfinished_ready on {schema}.unfinished_deliveries (subscription, is_test desc, due_at) where ready;
create index unfinished_cancelling on {schema}.unfinished_deliveries (subscription) where cancelling;
alter index {schema}.q_pkey rename to unfinished_deliveries_pkey;
alter index {schema}.q_later rename to unfinished_waiting;
alter index {schema}.q_waits rename to unfinished_waiting_subscription;

alter table {schema}.log rename to attempts;
alter table {schema}.attempts rename column slot to delivery;
alter table {schema}.attempts rename column sub to subscription;
alter table {schema}.attempts rename column logged to logged_at;
alter table {schema}.attempts rename column created to created_at;
alter table {schema}.attempts rename column dur to duration_ns;
alter table {schema}.attempts rename column parent to replayed_from;
alter table {schema}.attempts rename column n to attempt_number;
alter table {schema}.attempts rename column attempt to attempts_made;
alter table {schema}.attempts rename column http to status_code;
alter table {schema}.attempts rename column lapse to lapsed;
alter table {schema}.attempts rename column test to attempt_is_test;
alter table {schema}.attempts rename column class to error_class;
alter table {schema}.attempts add column is_test bool not null default false;
update {schema}.attempts set is_test = true where not live;
alter table {schema}.attempts drop column live;
alter index {schema}.log_pkey rename to attempts_pkey;
alter index {schema}.log_sub rename to attempts_subscription;
alter index {schema}.log_dead rename to attempts_dead;
alter index {schema}.log_end rename to attempts_finished;

alter table {schema}.replays rename column slot to delivery;
alter table {schema}.replays rename column sub to subscription;
alter table {schema}.replays rename column parent to replayed_from;
drop index {schema}.replays_event;
create index replays_event on {schema}.replays (org, event, subscription, delivery);

alter table {schema}.subs rename to subscriptions;
alter table {schema}.subscriptions rename column sub to number;
alter table {schema}.subscriptions rename column gone to removed_at;
alter table {schema}.subscriptions rename column swept to drained;
update {schema}.subscriptions set status = 'removed' where removed_at < 'infinity';
drop index {schema}.subs_held;
create index subscriptions_held on {schema}.subscriptions (number) where status not in ('active', 'removed');
alter index {schema}.subs_pkey rename to subscriptions_pkey;
alter index {schema}.subs_sub rename to subscriptions_number;
alter index {schema}.subs_gone rename to subscriptions_removed;

alter table {schema}.topics rename column sub to subscription;

alter table {schema}.health rename column sub to subscription;
alter table {schema}.health rename column since to failing_since;
alter table {schema}.health rename column streak to consecutive_dead;
-- what judges a subscription must be a moment that can be subtracted
alter table {schema}.health add constraint health_failing_since check (isfinite(failing_since)) not valid;

alter table {schema}.minutes rename column sub to subscription;
alter table {schema}.minutes rename column at to minute;
alter index {schema}.minutes_at rename to minutes_minute;

alter table {schema}.counts rename to minutes_to_add;
alter table {schema}.minutes_to_add rename column at to minute;
alter table {schema}.minutes_to_add rename column sub to subscriptions;
alter table {schema}.minutes_to_add rename column what to results;

alter table {schema}.workers rename to processes;
alter table {schema}.processes rename column idle to asleep_until;
alter index {schema}.workers_pkey rename to processes_pkey;
