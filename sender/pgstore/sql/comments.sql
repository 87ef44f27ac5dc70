-- What each table and column is for, as \d+ in psql shows it.

comment on table {schema}.meta is 'One row, about the schema itself.';
comment on column {schema}.meta.version is
  'The version of the schema. A program refuses one that is older than it needs.';
comment on column {schema}.meta.delivery_id_key is
  'AES key that turns (number, subscription) of a delivery into its public id and back.';

comment on sequence {schema}.numbers is 'Next number of an event, or of a delivery that a replay makes.';

comment on sequence {schema}.subscription_numbers is
  'Next number of a subscription, before it is spread: see subscriptions.number.';

comment on table {schema}.events is
  'Published events, each stored once. The id is unique in its org, which makes a second publication a duplicate.';
comment on column {schema}.events.number is
  'Names the event in the other tables. Grows with time, and so do the numbers of deliveries.';
comment on column {schema}.events.published_at is 'When it was published, by the clock of this server.';
comment on column {schema}.events.created_at is 'When it happened, as its publisher says; null: it did not say.';
comment on column {schema}.events.is_test is 'It has test data in it.';
comment on column {schema}.events.unreferenced is
  'No delivery of it is left, if there ever was one. Purge forgets it when its id need not be known any more.';
comment on column {schema}.events.org is 'The tenant that it belongs to.';
comment on column {schema}.events.id is 'The id that its publisher gave it, and receivers see.';
comment on column {schema}.events.source is 'Where its body comes from, such as kirim or meta.';
comment on column {schema}.events.type is 'Its type, such as contact.created.';
comment on column {schema}.events.device is 'The device that it concerns, or empty.';
comment on column {schema}.events.channel is 'The channel of the device, or empty.';
comment on column {schema}.events.trace is 'The trace context of its publication, or empty.';
comment on column {schema}.events.digest is 'SHA-256 of what must not differ when the same id is published again.';
comment on column {schema}.events.body is 'The exact bytes that are signed and sent.';

comment on table {schema}.unfinished_deliveries is
  'One event for one subscription, not finished yet: due, waiting for a retry, in flight or held. The view '
  'deliveries shows these in words, beside those that are finished.';
comment on column {schema}.unfinished_deliveries.number is
  'With subscription it names the delivery: the number of its event, or one of its own where it is a replay.';
comment on column {schema}.unfinished_deliveries.subscription is 'subscriptions.number';
comment on column {schema}.unfinished_deliveries.due_at is
  'The next attempt is made then or later, once ready is true and the subscription is active.';
comment on column {schema}.unfinished_deliveries.lease_ends_at is
  'In flight until then at most, if token is above 0. For what waits: when its last attempt was written down.';
comment on column {schema}.unfinished_deliveries.token is
  'Above 0: a process holds it under this token until lease_ends_at. Below 0: the token that settled its last '
  'attempt. 0: no process ever held it.';
comment on column {schema}.unfinished_deliveries.created_at is
  'When it was made: when the event was published, or the replay asked for.';
comment on column {schema}.unfinished_deliveries.event is 'events.number';
comment on column {schema}.unfinished_deliveries.replayed_from is
  'The number of the delivery, of the same subscription, that this one replays; null: it is no replay.';
comment on column {schema}.unfinished_deliveries.attempts_made is
  'Attempts so far whose result is known, and the number of the last.';
comment on column {schema}.unfinished_deliveries.lapses is
  'Leases that ran out with no result, as when a process dies. Too many end it as dead, with reason crash_loop.';
comment on column {schema}.unfinished_deliveries.ready is
  'It was due when a claim last looked. false: it waits for a retry.';
comment on column {schema}.unfinished_deliveries.org is 'The tenant.';
comment on column {schema}.unfinished_deliveries.reason is
  'Why the last attempt did not end it, or why it waits; null: nothing to say.';
comment on column {schema}.unfinished_deliveries.is_test is
  'Made by a test of the endpoint, or the replay of one that was. Held by no status, and not counted in health.';
comment on column {schema}.unfinished_deliveries.leased_at is
  'When the lease was written; null: when the delivery was made, or by version 1. One that lies ahead of the clock '
  'has lapsed.';
comment on column {schema}.unfinished_deliveries.cancelling is
  'Cancelled while in flight: ends as cancelled unless this attempt delivers it.';

comment on table {schema}.attempts is
  'Log: a row for each attempt, and for each end of a delivery without one. Rows are never changed. Those with '
  'state above 0 are the finished deliveries.';
comment on column {schema}.attempts.delivery is
  'With subscription it names the delivery, as unfinished_deliveries.number did.';
comment on column {schema}.attempts.subscription is 'subscriptions.number';
comment on column {schema}.attempts.token is
  'The token of the lease that the attempt was made under; 0: the delivery ended without one.';
comment on column {schema}.attempts.logged_at is 'When the row was written. The attempt began duration_ns before.';
comment on column {schema}.attempts.created_at is 'When the delivery was made.';
comment on column {schema}.attempts.duration_ns is
  'How long the attempt took, in nanoseconds; null: not known, or no request was made.';
comment on column {schema}.attempts.event is 'events.number';
comment on column {schema}.attempts.replayed_from is 'As in unfinished_deliveries.';
comment on column {schema}.attempts.attempt_number is 'The number of the attempt, from 1; null: no request was made.';
comment on column {schema}.attempts.attempts_made is
  'Attempts of the delivery whose result is known, this one included.';
comment on column {schema}.attempts.status_code is 'The status of the answer; 0: none came.';
comment on column {schema}.attempts.state is
  'What became of the delivery: 0 goes on, 1 delivered, 2 dead, 3 cancelled; null: the lease was lost before, so '
  'that this attempt decided nothing.';
comment on column {schema}.attempts.lapsed is 'The lease ran out, and nothing was ever heard of the attempt.';
comment on column {schema}.attempts.attempt_is_test is
  'The attempt was made as a test; null: no, or it ended without one.';
comment on column {schema}.attempts.org is 'The tenant.';
comment on column {schema}.attempts.reason is 'Why it ended or goes on; null: nothing to say.';
comment on column {schema}.attempts.error_class is
  'What kind of error it was, such as timeout; null: an answer came.';
comment on column {schema}.attempts.response is 'The start of the answer''s body, as text in UTF-8.';
comment on column {schema}.attempts.is_test is 'As in unfinished_deliveries.';

comment on table {schema}.replays is 'Which delivery replays which. Both stand in unfinished_deliveries or attempts.';
comment on column {schema}.replays.delivery is 'The number of the delivery that the replay made.';
comment on column {schema}.replays.subscription is 'subscriptions.number, of both.';
comment on column {schema}.replays.replayed_from is 'The number of the delivery that was replayed.';
comment on column {schema}.replays.event is 'events.number, of both.';
comment on column {schema}.replays.org is 'The tenant.';

comment on table {schema}.subscriptions is
  'Where events go. A removed one stays as a name until nothing in attempts needs it; its secrets go at once.';
comment on column {schema}.subscriptions.number is
  'Names the subscription in the other tables. The lower 56 bits count; those above spread them, so that claims '
  'begin apart.';
comment on column {schema}.subscriptions.version is
  'Grows with each change of the row. A change must name the version that it was made from.';
comment on column {schema}.subscriptions.removed_at is 'When it was removed; infinity: it stands.';
comment on column {schema}.subscriptions.drained is 'Removed, and known to have no unfinished delivery any more.';
comment on column {schema}.subscriptions.org is 'The tenant that owns it; empty: it was erased.';
comment on column {schema}.subscriptions.id is 'Its public id; of an erased one its number.';
comment on column {schema}.subscriptions.status is
  'active, paused, disabled, a pending state, or removed. Only active ones are delivered to, tests aside.';
comment on column {schema}.subscriptions.topics is 'What it wants. The table topics has the same list by topic.';
comment on column {schema}.subscriptions.record is
  'The whole of it as JSON: URL, events, headers, and secrets, which are sealed where the host has a Sealer.';

comment on table {schema}.topics is
  'Index of subscriptions by topic: an event goes to those that have one of its topics.';
comment on column {schema}.topics.subscription is 'subscriptions.number';
comment on column {schema}.topics.org is 'The tenant.';
comment on column {schema}.topics.topic is 'A wanted event type with its contract, channel and device.';

comment on table {schema}.health is 'What a subscription is judged by, and perhaps disabled for.';
comment on column {schema}.health.subscription is 'subscriptions.number';
comment on column {schema}.health.failing_since is
  'When the first of its consecutive dead deliveries died; null: there is none.';
comment on column {schema}.health.consecutive_dead is
  'Deliveries that died since one was last delivered, or since it became active.';
comment on column {schema}.health.org is 'The tenant.';

comment on table {schema}.minutes is
  'Attempts per subscription and minute, for a day. Those of the last minutes may still stand in minutes_to_add.';
comment on column {schema}.minutes.subscription is 'subscriptions.number';
comment on column {schema}.minutes.minute is 'The minute that it counts, by its start.';
comment on column {schema}.minutes.delivered is 'Attempts that delivered.';
comment on column {schema}.minutes.failed is 'Attempts that did not.';
comment on column {schema}.minutes.org is 'The tenant.';
comment on column {schema}.minutes.durations is
  'Attempts by duration: up to 5 ms, 10 ms, 20 ms and so on to 5.12 s, and longer.';

comment on table {schema}.minutes_to_add is
  'A row for each batch of results, which a later settle or Purge adds to minutes.';
comment on column {schema}.minutes_to_add.minute is 'The minute that they belong to.';
comment on column {schema}.minutes_to_add.subscriptions is 'subscriptions.number of each result.';
comment on column {schema}.minutes_to_add.results is
  'For each the bucket of its duration, if it delivered, else -1 less that.';

comment on table {schema}.processes is
  'Processes that may be asleep. A publication notifies only while there is one.';
comment on column {schema}.processes.id is 'A random number that the process took at its start.';
comment on column {schema}.processes.asleep_until is
  'It counts as asleep until then; a claim that found too little writes it.';
comment on column {schema}.processes.name is 'The name that the process goes by (Config.Worker).';
