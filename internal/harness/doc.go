// Package harness crashes senders and their databases, and proves afterwards that nothing accepted was lost and nothing
// doubled beyond what a crash explains.
//
// A run has one parent, the test, and several workers, each a process of its own: the test binary started again, see
// [Work]. A worker is a real [sender.Sender] over the store under test. It publishes events with known ids, in a call
// of its own or in a transaction of the host. Into its [Journal] it writes what it is about to publish, what was
// accepted and what the store leased to it. It delivers over HTTP to the parent's [Recorder], which answers well,
// badly, late or not at all. Meanwhile the parent kills workers at random and at named points, stops them for longer
// than their leases, and pauses subscriptions. Through the [Weather] of the store it crashes the database, locks its
// file, and cuts, stalls and mutes the connections to it.
//
// Then it becomes calm. The backlog has to reach zero within [Plan].Patience. The workers have to end when they are
// told to. [Examine] compares accounts that are kept apart: what the workers were told, what the store leased to them,
// what the endpoints got, and what the store has in its log.
//
//	go test ./internal/harness                  # a short run of each store
//	go test ./internal/harness -long -v         # 200 kills each, and what came of them
//	go test ./internal/harness -kills 50 -seed 7
//
// The order of the faults follows from the seed that a run prints. Their exact moments do not: there are several
// processes. A run that finds something keeps its evidence in a file.
package harness
