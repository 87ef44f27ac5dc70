// Package driver is for authors of stores: what package sender asks of the database beneath it. Whoever sends webhooks
// needs package sender alone, and a store that exists.
//
// A [Store] keeps subscriptions, events and deliveries. It decides nothing: matching, schedules, health rules, signing
// and HTTP live in package sender. A store is correct when storetest.Run passes; that suite is the definition. Before
// v1 this package changes only together with storetest, which then says what a store has to add.
//
// What is optional is an interface of its own: [Waiter], [Counter], [Backlog], [Overlapper].
//
// # Rules for every method
//
//   - Time. The store has one clock, which alone decides what is due and which lease has run out. Methods take and
//     return durations, never instants to compare. Times in the log are instants of that clock: CreatedAt, FinishedAt,
//     NextAt, Attempt.At. The one exception is SecretRecord.ExpiresAt, which the Sender's clock judges.
//   - Tenants. An (org, id) pair that does not exist and one of another org give the same [ErrNotFound].
//   - Arguments are valid. Package sender checks them before and fills in defaults: a store judges none. Texts that are
//     written are UTF-8 without NUL. An org has at most 512 bytes, ids, topics and what queries compare 1 KiB, others
//     64 KiB. Times lie in the years 1 to 9999. All come back as they were, times in UTC. What is only asked for may be
//     any text.
//   - Texts of outcomes are never refused. What is not UTF-8, or NUL, in a reason, class or response comes back as
//     U+FFFD.
//   - Rows that do not decode, by a fault or somebody's hand, fail no call. Claim ends the deliveries that need one,
//     see [Queue]. Lists give what can be read and say [ReasonUnreadable], so that paging goes on: see [Log] and
//     [Directory]. A call that fails altogether, because the disk or the server does, is another matter and an error.
//   - Extremes. Any duration that time.Duration holds is as good as another; a negative one counts as 0. A time in a
//     query may be of any year.
//   - Bytes. Event bodies and sealed secrets come back bit for bit; both sides treat them as read-only.
//   - Errors. nil means durable. A method that returns an error may or may not have happened. Each is safe to call
//     again with the same arguments.
//   - Cancellation. A cancelled context ends a call with an error that wraps the context's.
//   - Concurrency. All methods may be called from many goroutines, processes and machines.
package driver
