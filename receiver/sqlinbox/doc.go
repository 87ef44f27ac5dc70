// Package sqlinbox stores a verified event in the receiver's own database before the sender is answered, and runs the
// handler from there: however long it takes, again when it fails, in order per conversation, and with its effect
// exactly once.
//
//	inbox, err := sqlinbox.New(db, sqlinbox.Postgres, mux, sqlinbox.Config{Key: sqlinbox.ByConversation})
//	…
//	err = inbox.Migrate(ctx)                                      // at every start
//	handler, err := receiver.Handler(inbox, receiver.Config{…})   // an inbox is an EventHandler
//	go inbox.Run(ctx)                                             // in any number of processes
//
// A handler that writes to the same database does so in [Tx], the transaction in which its event is marked as handled:
//
//	func(ctx context.Context, ev *receiver.Event, c kirim.ContactData) error {
//		_, err := sqlinbox.Tx(ctx).ExecContext(ctx, `insert into contacts …`)
//		return err
//	}
//
// # What is guaranteed
//
//   - An event that was answered with 200 is on disk, and is run until its handler returns nil or its schedule ends,
//     whatever processes die. A dead letter is kept, and can be replayed.
//   - What a handler wrote with [Tx] is there exactly once for an event that is done, and not at all for one that is
//     not.
//   - An event that comes again within [Config.Retention] is answered with 200 and not stored again.
//   - Events of one lane run one at a time in the order in which they arrived, over all processes; those that arrived
//     in the same millisecond in the order of their own times. A lane waits for its first event until that is done,
//     dead or cancelled.
//   - Lanes do not wait for each other, and a claim costs no more for a lane that is long.
//   - A handler may run for hours: its lease is renewed. A process that dies leaves its events to the others when the
//     lease ends.
//
// # What is not
//
//   - That a handler runs once. It runs again after a failure, and after a process or a database died under it:
//     whatever it does outside of [Tx] may happen twice, and, where a lease was lost, at the same time.
//   - Order between a body's own parts and those of other lanes: an event is in one lane.
//   - That an event which was refused comes again. Kirim and Meta retry; Kirisan does not.
//
// # Several events at once
//
// Acknowledging is one insert. Postgres and MySQL let those that come together share a write to the disk; in SQLite
// this package lets them share a transaction. Each handler that uses Tx holds a connection, so let the pool have a few
// more than Config.Workers. A SQLite database has one writer at a time: a handler should do slow work before it asks
// for Tx.
//
// A transaction that stays open for long keeps Postgres from removing old rows, as everywhere.
//
// # What an operator sees
//
// [Inbox.List] shows dead letters, and with a state anything else; [Inbox.Replay], [Inbox.RetryNow] and [Inbox.Cancel]
// act on one; [Inbox.Counts] is for a gauge. All of them work whether Run does or not. The table is described in
// [Schema]. Rows whose stage is below 6 must not be removed by hand, since the next of their lane is found through
// them.
package sqlinbox
