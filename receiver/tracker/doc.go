// Package tracker keeps one row for each message that was sent: how far it has come, and when.
//
//	store := tracker.NewMemory()                       // or sqltracker.New(db, …), in the database that you have
//	h, err := receiver.Handler(tracker.Handler(store, mux), receiver.Config{…})
//	…
//	messages, err := store.Get(ctx, wamid)             // what became of it
//	stuck, err := store.List(ctx, tracker.Query{Step: tracker.Sent, Before: time.Now().Add(-time.Hour)})
//
// # What is tracked
//
//	source    event                         message                  line             time
//	meta      message.status, each status   its wamid                phone_number_id  timestamp
//	kirim     message.sent                  its wamid (provider_id)  phone_number_id  timestamp, else created_at
//	kirisan   message_status                message_id               device           timestamp
//
// Kirim hands on Meta's own statuses, so its message.sent is about the same rows: they are of source meta. From
// message.sent comes the "msg_…" that Kirim's send call answers, by which [Store.Get] finds a message too. A message
// that failed before Meta took it has no other id.
//
// Statuses of calls and payments are about no message, and test events about none that exists. They are passed over,
// as is what does not read.
//
// # What a row says
//
// A message goes sent < delivered < read < played, and any of them may never come. Failed is final, unless the message
// had arrived by then: of failed and delivered (or further) the earlier one by its own time decides, and delivered
// where both say the same time. Applied in the order of their own times, that is what [meta.Advance] says.
//
// The time of a step is the earliest that any status stated for it. So a row depends on nothing but the set of
// statuses that came: late, repeated and overtaking ones are harmless, whichever process handles them.
//
// In a group each participant has statuses of their own, and a row of their own. A row without participant is the
// message as a whole: it is as far as the first of them, and failed only if a status without participant says so.
//
// # What is not
//
// A message that no status tells of has no row. Whoever wants one from the start records [Sent] when the send call
// returns. A status that comes when its row was purged makes a new one; keep rows longer than the senders retry.
package tracker
