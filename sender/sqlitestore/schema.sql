-- The tables as this version of the package has them. Numbers of subscriptions, events and deliveries stand under the
-- same name in every table. Instants are nanoseconds since 1970: datetime(due_at / 1000000000, 'unixepoch') reads one.

-- What the processes that share the database must agree on: "schema" is the version of these tables. "key" encrypts the
-- numbers of deliveries into their ids. "changes" counts what happens to subscriptions: while it stands, what is known
-- of them holds. "releases" counts what became due at once, and wakes those who wait. "clock" is the latest moment that
-- any process has seen, about.
CREATE TABLE kirimhooks_meta (
	name  TEXT PRIMARY KEY,
	value NOT NULL
) WITHOUT ROWID;
INSERT INTO kirimhooks_meta
VALUES ('schema', 2), ('key', randomblob(16)), ('changes', 0), ('releases', 0), ('clock', 0);

-- A deleted subscription stays as long as a delivery names it.
CREATE TABLE kirimhooks_subscriptions (
	subscription     INTEGER PRIMARY KEY AUTOINCREMENT,
	org              TEXT    NOT NULL,
	id               TEXT    NOT NULL,
	version          INTEGER NOT NULL,
	is_active        INTEGER NOT NULL,
	deleted_at       INTEGER NOT NULL DEFAULT 0, -- 0: it is not
	consecutive_dead INTEGER NOT NULL DEFAULT 0,
	failing_since    INTEGER NOT NULL DEFAULT 0, -- if consecutive_dead > 0
	record           TEXT    NOT NULL            -- JSON: all else, with its sealed secrets
);
CREATE UNIQUE INDEX kirimhooks_subscriptions_id ON kirimhooks_subscriptions (org, id) WHERE deleted_at = 0;
CREATE INDEX kirimhooks_subscriptions_deleted   ON kirimhooks_subscriptions (org, id) WHERE deleted_at > 0;
CREATE INDEX kirimhooks_subscriptions_inactive  ON kirimhooks_subscriptions (subscription) WHERE is_active = 0;
CREATE INDEX kirimhooks_subscriptions_failing   ON kirimhooks_subscriptions (subscription)
	WHERE deleted_at > 0 OR consecutive_dead > 0;

-- What subscriptions want. An event goes to those that share a topic with it.
CREATE TABLE kirimhooks_topics (
	org          TEXT    NOT NULL,
	topic        TEXT    NOT NULL,
	subscription INTEGER NOT NULL,
	PRIMARY KEY (org, topic, subscription)
) WITHOUT ROWID;
CREATE INDEX kirimhooks_topics_of ON kirimhooks_topics (subscription);

-- body stands last: reading the rest does not touch the pages that a large one spills onto.
CREATE TABLE kirimhooks_events (
	event        INTEGER PRIMARY KEY,
	org          TEXT    NOT NULL,
	id           TEXT    NOT NULL,
	source       TEXT    NOT NULL,
	type         TEXT    NOT NULL,
	device       TEXT    NOT NULL,
	channel      TEXT    NOT NULL,
	is_test      INTEGER NOT NULL,
	created_at   TEXT    NOT NULL, -- as the body states it; empty if it does not
	published_at INTEGER NOT NULL,
	digest       BLOB    NOT NULL,
	trace        TEXT    NOT NULL,
	body         BLOB    NOT NULL
);
CREATE UNIQUE INDEX kirimhooks_events_id ON kirimhooks_events (org, id);
CREATE INDEX kirimhooks_events_of_org    ON kirimhooks_events (org);

-- Events that no delivery needs any more.
CREATE TABLE kirimhooks_orphans (
	published_at INTEGER NOT NULL,
	event        INTEGER NOT NULL,
	PRIMARY KEY (published_at, event)
) WITHOUT ROWID;

-- phase says where a delivery stands, and due_at the moment that goes with it:
--
--	0 finished    when it finished; state says how
--	1 ready       when it fell due; if its subscription is not active, it is held
--	2 waiting     when its retry falls due
--	3 in flight   when its lease ends
--	4 cancelling  when its lease ends; it was in flight when it was cancelled, and ends so unless it is delivered
--
-- Each phase has a partial index of its own: what a claim costs depends on what it takes, and on nothing that waits.
-- state is "pending" until the delivery has finished.
CREATE TABLE kirimhooks_deliveries (
	delivery      INTEGER PRIMARY KEY AUTOINCREMENT,
	org           TEXT    NOT NULL,
	event         INTEGER NOT NULL,
	subscription  INTEGER NOT NULL,
	is_test       INTEGER NOT NULL,
	phase         INTEGER NOT NULL, -- 0 finished, 1 ready, 2 waiting, 3 in flight, 4 cancelling
	due_at        INTEGER NOT NULL, -- or when it finished, or when its lease ends
	token         INTEGER NOT NULL DEFAULT 0, -- of the last lease
	leases        INTEGER NOT NULL DEFAULT 0, -- since the last result: above 0, token holds the delivery
	lapses        INTEGER NOT NULL DEFAULT 0, -- leases that ran out
	attempt       INTEGER NOT NULL DEFAULT 0, -- attempts that had a result
	created_at    INTEGER NOT NULL,
	replayed_from INTEGER,                    -- the delivery that this one repeats
	state         TEXT    NOT NULL DEFAULT 'pending',
	reason        TEXT    NOT NULL DEFAULT '',
	worker        TEXT    NOT NULL DEFAULT '' -- who claimed it last
);
CREATE INDEX kirimhooks_ready           ON kirimhooks_deliveries (subscription, is_test, due_at, delivery)
	WHERE phase = 1;
CREATE INDEX kirimhooks_waiting         ON kirimhooks_deliveries (subscription, is_test, due_at) WHERE phase = 2;
CREATE INDEX kirimhooks_waiting_of_org  ON kirimhooks_deliveries (org)    WHERE phase = 2;
CREATE INDEX kirimhooks_cancelling      ON kirimhooks_deliveries (due_at) WHERE phase = 4;
CREATE INDEX kirimhooks_timers          ON kirimhooks_deliveries (due_at) WHERE phase >= 2;
CREATE INDEX kirimhooks_finished        ON kirimhooks_deliveries (due_at) WHERE phase = 0;
CREATE INDEX kirimhooks_dead            ON kirimhooks_deliveries (org)    WHERE state = 'dead';
CREATE INDEX kirimhooks_replays         ON kirimhooks_deliveries (event, subscription) WHERE replayed_from IS NOT NULL;
CREATE INDEX kirimhooks_by_org          ON kirimhooks_deliveries (org);
CREATE INDEX kirimhooks_by_subscription ON kirimhooks_deliveries (subscription);
CREATE INDEX kirimhooks_by_event        ON kirimhooks_deliveries (event);

-- The lanes that claims go round: subscriptions that are active and may have something ready, and those that may have a
-- test ready, active or not. A claim that finds nothing in one takes it out.
CREATE TABLE kirimhooks_lanes (
	subscription INTEGER NOT NULL,
	is_test      INTEGER NOT NULL,
	PRIMARY KEY (subscription, is_test)
) WITHOUT ROWID;

CREATE TABLE kirimhooks_attempts (
	delivery    INTEGER NOT NULL,
	seq         INTEGER NOT NULL, -- in the order logged, from 1
	attempt     INTEGER NOT NULL,
	started_at  INTEGER NOT NULL,
	duration    INTEGER NOT NULL, -- nanoseconds
	status      INTEGER NOT NULL, -- of HTTP; 0: no answer
	error_class TEXT    NOT NULL,
	response    TEXT    NOT NULL,
	is_test     INTEGER NOT NULL,
	token       INTEGER NOT NULL, -- of the lease under which it was made; 0: a lease that ran out
	PRIMARY KEY (delivery, seq)
) WITHOUT ROWID;

-- Attempts of a subscription in one minute, by how long they took.
CREATE TABLE kirimhooks_minutes (
	subscription INTEGER NOT NULL,
	minute       INTEGER NOT NULL, -- since 1970
	bucket       INTEGER NOT NULL, -- 0: up to 5 ms; each next one up to twice as much, the last all that is longer
	delivered    INTEGER NOT NULL,
	failed       INTEGER NOT NULL,
	PRIMARY KEY (subscription, minute, bucket)
) WITHOUT ROWID;
CREATE INDEX kirimhooks_minutes_age ON kirimhooks_minutes (minute);
