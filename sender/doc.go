// Package sender delivers events to webhook subscriptions: a library that a backend embeds, over the database it
// already has.
//
// A [Sender] works on a [Store]: memstore keeps everything in memory, for tests and small tools; sqlitestore in one
// file, pgstore in Postgres, each a module of its own. [Sender.Org] gives a tenant's handle, through which
// subscriptions are made and events published; [Sender.Run] delivers. How a delivery looks and what an answer means is
// a [Contract]: [Kirim], [Kirisan], [Standard], or your own.
//
// # What is guaranteed
//
//   - A publication that returned nil is stored, once, with a delivery for each subscription that wants it, all or
//     nothing; how durable that is, the store says. The same event id again does nothing.
//   - Every delivery ends delivered, dead or cancelled. It is dead only after the last attempt of its schedule, after
//     an answer that its contract calls permanent, or after too many workers died with it.
//   - At least once: an attempt whose outcome could not be written is made again. The log shows each such attempt as
//     one of unknown result.
//   - All attempts, retries and replays of an event carry the same id and the same bytes. Each is signed afresh.
//   - An endpoint that hangs takes at most Config.PerSubscription attempts of a process, and soon one; the others
//     notice nothing.
//   - Pauses, shutdowns and faults of our own never consume an attempt.
//   - No request goes to an address that is not public, unless Config.AllowPrivate says so; redirects are never
//     followed; secrets and bodies reach no log and no error.
//
// # What is not
//
//   - Order. Events arrive as endpoints answer; receivers treat states as a machine, not as a sequence.
//   - Exactly once. Receivers recognise repetitions by the event's id.
//   - A limit over all processes: PerSubscription counts in each.
//
// # Concurrency
//
// All methods may be called from many goroutines, and many processes may run on one store. Nothing runs in the
// background outside Run.
//
// # Testing
//
// Package sendertest gives a Sender that delivers in process and scripted endpoints that check every signature.
// Inside testing/synctest a day of retries takes milliseconds.
package sender
