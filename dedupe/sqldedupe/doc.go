// Package sqldedupe keeps the claims of package dedupe in a table of the database that is there already: Postgres,
// SQLite, MySQL or MariaDB, over database/sql. Any number of processes guard the same keys.
//
//	store, err := sqldedupe.New(db, sqldedupe.Postgres, sqldedupe.Config{})
//	…
//	err = store.Migrate(ctx) // at every start
//	guard := dedupe.Guard{Store: store, Prefix: "billing"}
//
// # What it costs
//
// Each call is made of single statements, each its own transaction; no lock outlives one. The first claim of a key, a
// commit and a release are one statement. A renewal, and a claim whose key has ended but is not purged, are two; a
// duplicate is three, the last of which reads. Of these, what changes a row is a commit on the database's disk.
//
// The table has a row of about 150 bytes per key, and an index on when rows end. About one claim of a hundred deletes
// up to 200 rows that have ended, so that nothing else need purge; [Store.Purge] is there for a host that wants to.
//
// # Whose clock
//
// The server's decides when leases and ttls end: Postgres's statement_timestamp, MySQL's utc_timestamp. SQLite has
// none but that of the process, which is that of the machine the file is on. A clock that is set back lengthens what
// is stored by as much; one that is set forward ends leases early, as a lost lease does.
//
// # What the database may forget
//
// A claim is as durable as a commit of this database is made to be. After a failover to a standby that lagged, or a
// power cut under synchronous_commit=off, synchronous=NORMAL or the like, a key may be free again: its event runs
// once more, perhaps beside a first run, which then cannot commit ([dedupe.ErrLeaseLost]). That is a duplicate and
// never a loss. db must reach the primary, not a replica.
//
// A Guard cannot commit its mark in the transaction of the effect. Where no duplicate may happen, handle events from
// an inbox, which can.
//
// # SQLite
//
// Use WAL mode, and a busy_timeout of at most a tenth of [dedupe.Guard.StoreTimeout]: SQLite sleeps through the end
// of a context while it waits for the file. The store goes on asking for as long as the context lasts.
//
// # Errors
//
// They are those of the driver, wrapped, and show neither keys nor tokens unless the driver does.
package sqldedupe
