// Package pgstore keeps the sender's subscriptions, events and deliveries in Postgres, 14 or later, in a schema of its
// own beside the host's tables. Any number of processes publish and deliver on one database.
//
//	store, err := pgstore.New(pool, pgstore.Config{})
//	…
//	err = store.Migrate(ctx) // at every start; of several processes one does the work
//	…
//	s, err := sender.New(store, sender.Config{})
//
// # What it promises
//
// An event whose Publish returned nil is committed, and survives a crash of the server: each transaction waits for the
// disk, whatever synchronous_commit a session or another user of the pool has set. Where off is the default of the role
// or of the database, calls fail, unless Config.AllowAsyncCommit takes the setting as it is. An answer that was lost on
// its way does no harm: the same event again is a duplicate, the same outcome again is written once. [Store.Tx] and
// [Store.SQLTx] publish in the host's own transaction, which no bad publication can spoil.
//
// The database's clock alone says what is due. If it goes back by more than a minute, leases and waits that were
// written ahead of it are over. A row that does not decode ends as dead, with the reason unreadable, and stops no
// other.
//
// A claim costs what it takes and looks at: a subscription with a million deliveries waiting makes it no dearer for the
// others, and resuming one changes a single row.
//
// # How it lies in the database
//
// The table unfinished_deliveries is small and hot. Deliveries leave it when they end; what they leave is rows of
// attempts, which is append-only. Bodies are stored once, as bytes, in events. The view deliveries shows all of it in
// words, for people: select * from kirimhooks.deliveries where org = 'acme' and event = 'evt_…'. Each table and column
// says what it is for, as \d+ in psql shows; sql/tables.sql has them on one page.
//
// Each operation is a function in the schema. So it is one round trip through any driver and pooler, and keeps its
// plan in the server. It brings the planner settings that it needs without leaving them behind. A process keeps up to
// 16 MiB of the events that it published or fetched last, so that a claim need not bring them again. What a batch of
// outcomes counts is one row, which a later settle, or Purge, adds to the minutes.
//
// A role that only publishes and delivers needs USAGE on the schema and its sequences, and SELECT, INSERT, UPDATE and
// DELETE on its tables. It needs EXECUTE on its functions, which Postgres gives to everybody unless that was taken
// away. What a later version of the schema adds needs the same. Making all of it needs CREATE.
//
// # Settings that matter
//
// The pool's sessions must run at READ COMMITTED; a host's own transaction may have another level, with the
// serialization failures that belong to it. The database must be encoded in UTF8. No other setting of a session changes
// what is stored or read, be it of dates, zones, bytes, arrays, strings or its encoding. Only [Store.SQLTx] cannot do
// without two: it fails where client_encoding is another than UTF8, and drivers may refuse standard_conforming_strings
// = off.
//
// Autovacuum must be on: unfinished_deliveries lives by it, and has stricter thresholds than the default. A
// transaction that stays open for long, in whatever part of the database, keeps its dead rows from being removed. Each
// claim then walks over what was delivered since. Set idle_in_transaction_session_timeout, and watch the age of the
// oldest snapshot. A host's transaction that has published holds back those that publish the same event id until it
// ends.
//
// # Poolers
//
// A pooler in transaction mode serves. Those that do not carry prepared statements over need a pool whose
// DefaultQueryExecMode is pgx.QueryExecModeExec, which costs little here, since the functions keep the plans. Wake-ups
// need a session of their own, so point Config.Listen at the server itself; without it deliveries of other processes
// are found by polling. A session that has become read-only, as a failover leaves it, is closed, so that the pool
// makes another. So is one that fails twice in the same way.
//
// # Limits
//
// An org may have 512 bytes, the id of an event or subscription, and a topic, 1,024. Event times are kept to the
// microsecond. Minute counts reach back a day. A filtered list reads the org's attempts, or events, from the newest on
// until the page is full. An index serves those that name a subscription, an event, ids, or dead letters alone.
package pgstore
