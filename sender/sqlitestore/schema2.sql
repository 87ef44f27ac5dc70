-- What the processes that share the database have seen of the clock: the latest moment, about. See clock.go.
INSERT INTO kirimhooks_meta VALUES ('clock', 0);

-- The topics of a subscription, apart from its row: one that is paused, resumed or edited is written without them. digest
-- tells whether they changed, and stands before them, so that they need not be read for it. A subscription that an earlier
-- version wrote last has its topics in its record, and no row here.
CREATE TABLE kirimhooks_wanted (
	sub    INTEGER PRIMARY KEY,
	digest BLOB NOT NULL,
	topics TEXT NOT NULL -- JSON
);
UPDATE kirimhooks_meta SET value = 2 WHERE name = 'schema';
