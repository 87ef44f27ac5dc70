-- From version 1, see testdata/schema1.sql, to version 2: columns in plain words, the shard of a subscription goes, its
-- topics stand in kirimhooks_topics alone, and a delivery can be cancelled. No row of events or deliveries is written.
ALTER TABLE kirimhooks_subscriptions RENAME COLUMN sub TO subscription;
ALTER TABLE kirimhooks_subscriptions RENAME COLUMN active TO is_active;
ALTER TABLE kirimhooks_subscriptions RENAME COLUMN gone TO deleted_at;
ALTER TABLE kirimhooks_subscriptions RENAME COLUMN deads TO consecutive_dead;
ALTER TABLE kirimhooks_subscriptions RENAME COLUMN failing TO failing_since;
ALTER TABLE kirimhooks_subscriptions DROP COLUMN shard;
DROP INDEX kirimhooks_subscriptions_gone;
DROP INDEX kirimhooks_subscriptions_ailing;
CREATE INDEX kirimhooks_subscriptions_deleted ON kirimhooks_subscriptions (org, id) WHERE deleted_at > 0;
CREATE INDEX kirimhooks_subscriptions_failing ON kirimhooks_subscriptions (subscription)
	WHERE deleted_at > 0 OR consecutive_dead > 0;
UPDATE kirimhooks_subscriptions SET record = json_remove(record, '$.Topics') WHERE json_valid(record);

ALTER TABLE kirimhooks_topics RENAME COLUMN sub TO subscription;
CREATE INDEX kirimhooks_topics_of ON kirimhooks_topics (subscription);

ALTER TABLE kirimhooks_events RENAME COLUMN test TO is_test;
ALTER TABLE kirimhooks_events RENAME COLUMN created TO created_at;
ALTER TABLE kirimhooks_events RENAME COLUMN published TO published_at;
CREATE INDEX kirimhooks_events_of_org ON kirimhooks_events (org);

ALTER TABLE kirimhooks_orphans RENAME COLUMN published TO published_at;

ALTER TABLE kirimhooks_deliveries RENAME COLUMN sub TO subscription;
ALTER TABLE kirimhooks_deliveries RENAME COLUMN test TO is_test;
ALTER TABLE kirimhooks_deliveries RENAME COLUMN place TO phase;
ALTER TABLE kirimhooks_deliveries RENAME COLUMN at TO due_at;
ALTER TABLE kirimhooks_deliveries RENAME COLUMN leased TO leases;
ALTER TABLE kirimhooks_deliveries RENAME COLUMN created TO created_at;
ALTER TABLE kirimhooks_deliveries RENAME COLUMN replayed TO replayed_from;
DROP INDEX kirimhooks_by_sub;
DROP INDEX kirimhooks_replays;
CREATE INDEX kirimhooks_by_subscription ON kirimhooks_deliveries (subscription);
CREATE INDEX kirimhooks_replays ON kirimhooks_deliveries (event, subscription) WHERE replayed_from IS NOT NULL;
CREATE INDEX kirimhooks_waiting_of_org ON kirimhooks_deliveries (org) WHERE phase = 2;
CREATE INDEX kirimhooks_cancelling ON kirimhooks_deliveries (due_at) WHERE phase = 4;

ALTER TABLE kirimhooks_lanes RENAME COLUMN sub TO subscription;
ALTER TABLE kirimhooks_lanes RENAME COLUMN test TO is_test;

ALTER TABLE kirimhooks_attempts RENAME COLUMN n TO attempt;
ALTER TABLE kirimhooks_attempts RENAME COLUMN at TO started_at;
ALTER TABLE kirimhooks_attempts RENAME COLUMN class TO error_class;
ALTER TABLE kirimhooks_attempts RENAME COLUMN test TO is_test;

ALTER TABLE kirimhooks_minutes RENAME COLUMN sub TO subscription;

INSERT INTO kirimhooks_meta VALUES ('releases', 0), ('clock', 0);
UPDATE kirimhooks_meta SET value = 2 WHERE name = 'schema';
