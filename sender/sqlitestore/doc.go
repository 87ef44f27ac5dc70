// Package sqlitestore keeps a sender's subscriptions, events and deliveries in an SQLite file: one file, no server,
// pure Go.
//
//	store, err := sqlitestore.Open(ctx, "hooks.db", sqlitestore.Config{})
//	if err != nil { … }
//	defer store.Close()
//	s, err := sender.New(store, sender.Config{})
//
// A program that has a database of its own uses [New] with it, and publishes inside its transactions with [Store.Tx].
//
// # What is promised
//
// A call that returned nil is on the disk: WAL with synchronous=FULL, checked on the connection that writes. An event
// and all its deliveries are one transaction, and so are a result, its line in the log, and what it does to its
// subscription's health. A process that is killed, at any moment, loses nothing that it acknowledged; what it had
// claimed is claimable again when its lease ends. When the disk is full, calls that write fail and nothing is
// half-written. In all else the store does what driver.Store demands, and passes storetest.
//
// # Processes
//
// Several processes on one machine may share a file, publish into it and deliver from it. SQLite has one writer at a
// time, per file and not per process: calls that write wait for each other, inside a process in order of arrival,
// between processes by asking again with jitter, for as long as their context allows. Readers wait for nobody.
//
// The lease and due times of all processes are judged by the machine's clock. Do not put the file on a network file
// system (NFS, SMB, most volumes that several machines mount): WAL needs memory that all its users share, and file
// locks that hold. Do not copy the file while it is in use without its -wal companion; VACUUM INTO makes a sound copy.
// No other code of a process that has the file open may open and close it by itself, to hash or copy it say: on POSIX
// systems that drops SQLite's locks (https://www.sqlite.org/howtocorrupt.html).
//
// # Cost
//
// What a claim costs depends on what it takes, not on what waits. Deliveries that are ready, that wait for a retry,
// and that are finished stand in partial indexes of their own, and a claim looks only into lanes that may have
// something ready. The lane of a subscription that is paused is closed, however much is held for it: Pause, Resume and
// DeleteSubscription cost the same at any backlog. A body is stored once, whatever the number of deliveries. Events
// that were stored or read lately stay in memory, up to 32 MiB, so that they need not be read again for their
// attempts.
//
// Each call is one transaction and one flush to the disk, which is most of what a small call takes. Publish from many
// goroutines and the sender puts their events into one. Past what one writer can do, or for more than one machine, use
// a store on a database server.
//
// Finished deliveries stay until Purge is asked to forget them; the file then reuses their room, and shrinks only by
// VACUUM. A reader that keeps a transaction open keeps the -wal file from being reused: it grows until the reader is
// gone.
//
// # Looking inside
//
// The tables begin with kirimhooks_, and [Schema] prints them with comments: subscriptions, events, deliveries,
// attempts and the rest, and what the phases of a delivery mean. Reading them is harmless. Instants are nanoseconds
// since 1970. Names and columns may change with any version of this package; [Store.Migrate] takes care of that.
//
// # A newer version of the tables
//
// Stop the programs of the older version, let their attempts end, and start the newer one: [Open], or [Store.Migrate]
// after [New], brings the tables along in one transaction. Nothing is lost: what waited, was held or in flight is
// delivered by the newer program. A program of the older version that still has the file open gets an error from every
// call from then on, and changes nothing; what it had in flight is attempted again when its lease ends. There is no way
// back but a copy made before.
package sqlitestore
