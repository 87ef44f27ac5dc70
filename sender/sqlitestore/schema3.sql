-- A delivery that was in flight when it was cancelled stands in place 4 until its lease ends: "ending". The replays of one
-- event for one subscription are found together, and what waits for a retry by its org.
CREATE INDEX kirimhooks_repeats ON kirimhooks_deliveries (event, sub) WHERE replayed IS NOT NULL;
DROP INDEX kirimhooks_replays;
CREATE INDEX kirimhooks_ending  ON kirimhooks_deliveries (at)  WHERE place = 4;
CREATE INDEX kirimhooks_retries ON kirimhooks_deliveries (org) WHERE place = 2;
UPDATE kirimhooks_meta SET value = 3 WHERE name = 'schema';
