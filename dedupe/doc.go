// Package dedupe runs a function once per key: it claims the key, runs, and then commits or releases.
//
// [Guard.Do] is the three phases, a [Store] keeps the claims, and [Memory] is the store for one process. To write a
// store for another database, implement Store from its comments and pass package dedupetest.
//
// # Guarantees
//
//   - While the store answers and no lease is lost, at most one function runs for a key at any time.
//   - A key is done only after its function returned nil. An error, a panic or [runtime.Goexit] frees the key, and so
//     does a crash once the lease has run out: a retry runs again.
//   - After a commit the key is refused with [ErrDuplicate] for [Guard.TTL], or as long as [Guard.DoFor] was told.
//   - A lease is renewed while the function runs, however long it takes. It may be lost all the same: the store was
//     away, or the process was suspended. Then the function's context ends with the cause [ErrLeaseLost]. A claim that
//     has passed to another can neither be committed nor released by the first.
//   - Commit and release happen even if the caller's context has ended.
//   - If the store minds its context, each call of it ends within [Guard.StoreTimeout]. Do ends within half a second of
//     its function's end or its context's deadline, whichever is later. Do leaves no goroutine behind.
//
// # What is not guaranteed
//
//   - Exactly once. The function runs again for a key if a process dies between its last effect and the commit. It also
//     does if a lease is lost while it runs on. Where that must not happen, write the effect and the mark of the event
//     in one transaction of one database, as package receiver/sqlinbox does.
//   - Anything past TTL, or between guards of different stores or prefixes.
//   - Anything past the store's own memory. A full Memory forgets the done keys that end next, and all when the process
//     ends. A Redis may evict or lose keys.
//   - That an [ErrDuplicate] run succeeded in the sense of the caller: only that its function returned nil.
//
// # Which store
//
// The guarantees hold over each of them, among the processes that share it. They differ in what they forget and cost.
//
//	store        shared by                    forgets                      a claim and its commit cost
//	Memory       one process                  all when the process ends,   microseconds
//	                                          and what exceeds its bound
//	redisdedupe  all on one Redis, failover   what a failover, a restart   two round trips, 0.1 ms beside it;
//	             or cluster                   or an eviction loses         200 bytes of its memory a key
//	sqldedupe    all on one Postgres, SQLite, what its commits may lose    two commits, some ms of its disk,
//	             MySQL or MariaDB                                          which concurrent ones may share
//
// Take Memory for one process whose handlers may repeat, after a restart, what they did before it. Take sqldedupe where
// the service has a database, and redisdedupe where that would be too slow or there is none. What a store forgets runs
// again: a duplicate, never a loss. None of them makes an effect exactly once.
//
// # Errors
//
// Do returns what the function returned, as it is, or one of:
//
//	nil                          the function ran and the key is done
//	ErrDuplicate                 did not run: done earlier
//	ErrRunning                   did not run: another holds the key and kept it all through Guard.Wait
//	*StoreError, Op "claim"      did not run: the store failed
//	*StoreError, Op "commit"     ran and returned nil, but that is not recorded; wraps ErrLeaseLost if another has it
//	the cause of ctx             did not run: ctx ended first
//
// A function may itself return such an error, from a Guard inside of it. A caller that must tell the two apart notes
// in the function that it ran.
//
// # Testing
//
// Guard and Memory read no clock but the time package's, so that code which uses them runs inside testing/synctest.
package dedupe
