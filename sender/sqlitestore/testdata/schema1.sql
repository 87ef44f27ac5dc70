-- What the processes that share the database must agree on: "schema" is the version of these tables, "key" encrypts
-- delivery numbers into delivery ids, "changes" counts the versions of subscriptions and wakes those who wait.
CREATE TABLE kirimhooks_meta (
	name  TEXT PRIMARY KEY,
	value NOT NULL
) WITHOUT ROWID;
INSERT INTO kirimhooks_meta VALUES ('schema', 1), ('key', randomblob(16)), ('changes', 0);

-- record is JSON: the subscription, its topics and its sealed secrets. A deleted subscription stays, with gone set, for
-- as long as a delivery names it.
CREATE TABLE kirimhooks_subscriptions (
	sub     INTEGER PRIMARY KEY AUTOINCREMENT,
	org     TEXT    NOT NULL,
	id      TEXT    NOT NULL,
	version INTEGER NOT NULL,
	active  INTEGER NOT NULL,
	shard   INTEGER NOT NULL,
	gone    INTEGER NOT NULL DEFAULT 0, -- when it was deleted; 0: it was not
	deads   INTEGER NOT NULL DEFAULT 0, -- dead deliveries in a row
	failing INTEGER NOT NULL DEFAULT 0, -- since when, if deads > 0
	record  TEXT    NOT NULL
);
CREATE UNIQUE INDEX kirimhooks_subscriptions_id ON kirimhooks_subscriptions (org, id) WHERE gone = 0;
CREATE INDEX kirimhooks_subscriptions_gone ON kirimhooks_subscriptions (org, id) WHERE gone > 0;
CREATE INDEX kirimhooks_subscriptions_inactive ON kirimhooks_subscriptions (sub) WHERE active = 0;
CREATE INDEX kirimhooks_subscriptions_ailing ON kirimhooks_subscriptions (sub) WHERE gone > 0 OR deads > 0;

CREATE TABLE kirimhooks_topics (
	org   TEXT    NOT NULL,
	topic TEXT    NOT NULL,
	sub   INTEGER NOT NULL,
	PRIMARY KEY (org, topic, sub)
) WITHOUT ROWID;

-- Instants are nanoseconds since 1970. body stands last: reading the rest does not touch the pages that a large one
-- spills onto.
CREATE TABLE kirimhooks_events (
	event     INTEGER PRIMARY KEY,
	org       TEXT    NOT NULL,
	id        TEXT    NOT NULL,
	source    TEXT    NOT NULL,
	type      TEXT    NOT NULL,
	device    TEXT    NOT NULL,
	channel   TEXT    NOT NULL,
	test      INTEGER NOT NULL,
	created   TEXT    NOT NULL, -- as the body states it; empty if it does not
	published INTEGER NOT NULL,
	digest    BLOB    NOT NULL,
	trace     TEXT    NOT NULL,
	body      BLOB    NOT NULL
);
CREATE UNIQUE INDEX kirimhooks_events_id ON kirimhooks_events (org, id);

-- Events that no delivery needs any more, oldest first.
CREATE TABLE kirimhooks_orphans (
	published INTEGER NOT NULL,
	event     INTEGER NOT NULL,
	PRIMARY KEY (published, event)
) WITHOUT ROWID;

-- place says where a delivery stands: 0 finished, 1 ready to be claimed, 2 waiting for a retry, 3 in flight. at is when
-- it finished, fell due, falls due, or when its lease ends. Each place has a partial index of its own, so that what a
-- claim costs depends on what it takes and on nothing that waits.
CREATE TABLE kirimhooks_deliveries (
	delivery INTEGER PRIMARY KEY AUTOINCREMENT,
	org      TEXT    NOT NULL,
	event    INTEGER NOT NULL,
	sub      INTEGER NOT NULL,
	test     INTEGER NOT NULL,
	place    INTEGER NOT NULL,
	at       INTEGER NOT NULL,
	token    INTEGER NOT NULL DEFAULT 0, -- of the last lease
	leased   INTEGER NOT NULL DEFAULT 0, -- leases since the last result: above 0, token holds the delivery
	lapses   INTEGER NOT NULL DEFAULT 0, -- leases that ran out
	attempt  INTEGER NOT NULL DEFAULT 0, -- attempts that had a result
	created  INTEGER NOT NULL,
	replayed INTEGER,                    -- the delivery that this one repeats
	state    TEXT    NOT NULL DEFAULT 'pending',
	reason   TEXT    NOT NULL DEFAULT '',
	worker   TEXT    NOT NULL DEFAULT '' -- who claimed it last
);
CREATE INDEX kirimhooks_ready    ON kirimhooks_deliveries (sub, test, at, delivery) WHERE place = 1;
CREATE INDEX kirimhooks_waiting  ON kirimhooks_deliveries (sub, test, at) WHERE place = 2;
CREATE INDEX kirimhooks_timers   ON kirimhooks_deliveries (at)            WHERE place >= 2;
CREATE INDEX kirimhooks_finished ON kirimhooks_deliveries (at)            WHERE place = 0;
CREATE INDEX kirimhooks_dead     ON kirimhooks_deliveries (org)           WHERE state = 'dead';
CREATE INDEX kirimhooks_replays  ON kirimhooks_deliveries (replayed)      WHERE replayed IS NOT NULL AND place > 0;
CREATE INDEX kirimhooks_by_org   ON kirimhooks_deliveries (org);
CREATE INDEX kirimhooks_by_sub   ON kirimhooks_deliveries (sub);
CREATE INDEX kirimhooks_by_event ON kirimhooks_deliveries (event);

-- The ring that claims go round: subscriptions that are active and may have something ready (test = 0), and those that
-- may have a test ready, active or not (test = 1). A claim that finds nothing there takes the row out.
CREATE TABLE kirimhooks_lanes (
	sub  INTEGER NOT NULL,
	test INTEGER NOT NULL,
	PRIMARY KEY (sub, test)
) WITHOUT ROWID;

-- token is that of the lease under which the request was made; 0 where a lease ran out.
CREATE TABLE kirimhooks_attempts (
	delivery INTEGER NOT NULL,
	seq      INTEGER NOT NULL, -- in the order logged, from 1
	n        INTEGER NOT NULL,
	at       INTEGER NOT NULL,
	duration INTEGER NOT NULL,
	status   INTEGER NOT NULL,
	class    TEXT    NOT NULL,
	response TEXT    NOT NULL,
	test     INTEGER NOT NULL,
	token    INTEGER NOT NULL,
	PRIMARY KEY (delivery, seq)
) WITHOUT ROWID;

-- Attempts of a subscription in one minute, by how long they took.
CREATE TABLE kirimhooks_minutes (
	sub       INTEGER NOT NULL,
	minute    INTEGER NOT NULL, -- since 1970
	bucket    INTEGER NOT NULL,
	delivered INTEGER NOT NULL,
	failed    INTEGER NOT NULL,
	PRIMARY KEY (sub, minute, bucket)
) WITHOUT ROWID;
CREATE INDEX kirimhooks_minutes_age ON kirimhooks_minutes (minute);
