// Package sqltracker keeps the rows of package tracker in a table of the database that is there already: Postgres,
// SQLite, MySQL or MariaDB, over database/sql. Any number of processes record statuses of the same messages.
//
//	store, err := sqltracker.New(db, sqltracker.Postgres, sqltracker.Config{})
//	…
//	err = store.Migrate(ctx) // at every start
//	handler, err := receiver.Handler(tracker.Handler(store, mux), receiver.Config{…})
//
// Under an inbox in the same database, statuses belong to the transaction in which their event is marked as handled:
//
//	recorded := tracker.Handler(store.InTxOf(sqlinbox.Tx), mux)
//	inbox, err := sqlinbox.New(db, sqlinbox.Postgres, recorded, sqlinbox.Config{…})
//
// # What it costs
//
// Recording reads the row of each message, and writes it if a status says anything new: two round trips, of which the
// second is a commit on the database's disk. A late or repeated status that changes nothing is a read. No lock outlives
// a statement: who finds that the row has changed since it was read begins again. Statuses of several messages in one
// call share a transaction, and so a commit.
//
// In Postgres a row takes about 200 bytes, and its entries in indexes 300 more. One index serves [Store.List] and
// [Store.Purge], which read no row that they do not return or delete, and another the look-up by Kirim's id.
//
// # What it keeps
//
// Nothing is deleted by itself: call [Store.Purge] from time to time, with a time that lies further back than the
// senders retry, which is 7 days for Meta. The columns are described in [Schema]; a host may read the table, and join
// it with its own. Times are microseconds since 1970.
//
// # MySQL
//
// In a transaction each statement is two round trips, and one with go-sql-driver's interpolateParams=true.
//
// # SQLite
//
// Use WAL mode and a short busy_timeout: SQLite sleeps through the end of a context while it waits for the file. The
// store goes on asking for 10 seconds, or as long as the context lasts.
//
// # Errors
//
// They are those of the driver, wrapped, and show nothing of a message unless the driver does.
package sqltracker
