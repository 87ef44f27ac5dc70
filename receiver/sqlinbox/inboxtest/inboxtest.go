// Package inboxtest defines what an inbox must do on a database. A server, a driver and their settings serve when [Run]
// passes:
//
//	func TestInbox(t *testing.T) {
//		inboxtest.Run(t, func(t *testing.T) inboxtest.Subject {
//			return inboxtest.Subject{DB: connect(t), Flavor: sqlinbox.Postgres}
//		})
//	}
//
// Time is the database's. Where an hour would have to pass, the cases move what is stored back by one instead.
package inboxtest

import (
	"database/sql"
	"iter"
	"testing"
	"time"

	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

// T is what a case needs of a [testing.T]. FailNow must not return.
type T interface {
	Helper()
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	FailNow()
}

// Subject is one database to test.
type Subject struct {
	// DB is empty, or of no use to anybody: the cases make tables there and leave them. Required.
	DB *sql.DB
	// Flavor is what DB is. Required.
	Flavor sqlinbox.Flavor
	// New makes the inboxes. Defaults to [sqlinbox.New].
	New func(*sql.DB, sqlinbox.Flavor, receiver.EventHandler, sqlinbox.Config) (*sqlinbox.Inbox, error)
	// Patience is how long a case waits for what must come. Defaults to a minute.
	Patience time.Duration
}

// Run runs every case as a subtest, each with a Subject of its own from open, which cleans up with t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) Subject) {
	for name, run := range Cases() {
		t.Run(name, func(t *testing.T) { run(t, open(t)) })
	}
}

// Cases yields every case by name.
func Cases() iter.Seq2[string, func(T, Subject)] {
	return func(yield func(string, func(T, Subject)) bool) {
		for _, c := range cases {
			if !yield(c.name, func(t T, s Subject) { play(t, s, c.run) }) {
				return
			}
		}
	}
}

var cases = []struct {
	name string
	run  func(*rig)
}{
	{"MigrateMayBeRepeated", migrateMayBeRepeated},
	{"StoredBeforeItIsAcknowledged", storedBeforeItIsAcknowledged},
	{"EventComesBackWhole", eventComesBackWhole},
	{"DuplicatesAreStoredOnce", duplicatesAreStoredOnce},
	{"DuplicateOfADoneEvent", duplicateOfADoneEvent},
	{"KeysAreBytes", keysAreBytes},
	{"FullInboxRefuses", fullInboxRefuses},
	{"OneLaneOneAtATime", oneLaneOneAtATime},
	{"LanesRunSideBySide", lanesRunSideBySide},
	{"LanesTakeTurns", lanesTakeTurns},
	{"WorkersAreBounded", workersAreBounded},
	{"EqualArrivalGoesByTheEventsTime", equalArrivalGoesByTheEventsTime},
	{"FailingHeadHoldsItsLane", failingHeadHoldsItsLane},
	{"SkipAfterEndsTheWait", skipAfterEndsTheWait},
	{"LongBacklogIsInOrder", longBacklogIsInOrder},
	{"RetriesByTheSchedule", retriesByTheSchedule},
	{"PermanentIsDeadAtOnce", permanentIsDeadAtOnce},
	{"RetryAfterIsHeeded", retryAfterIsHeeded},
	{"PanicIsAFailure", panicIsAFailure},
	{"UnreadableIsDeadAlone", unreadableIsDeadAlone},
	{"RetryNowMakesDue", retryNowMakesDue},
	{"ReplayRunsAgain", replayRunsAgain},
	{"ReplayStandsLastInItsLane", replayStandsLastInItsLane},
	{"CancelLetsTheLaneGoOn", cancelLetsTheLaneGoOn},
	{"UnknownIDs", unknownIDs},
	{"ListPages", listPages},
	{"BlockedLanesAreListed", blockedLanesAreListed},
	{"EffectAndMarkAreOne", effectAndMarkAreOne},
	{"TransactionIsNotTheHandlersToEnd", transactionIsNotTheHandlersToEnd},
	{"LeaseIsRenewed", leaseIsRenewed},
	{"VanishedProcessIsReplaced", vanishedProcessIsReplaced},
	{"LateEffectIsFencedOut", lateEffectIsFencedOut},
	{"LateFailureIsFencedOut", lateFailureIsFencedOut},
	{"CrashLoopEnds", crashLoopEnds},
	{"ShutdownFinishesWhatRuns", shutdownFinishesWhatRuns},
	{"ShutdownReleasesWhatIsCutOff", shutdownReleasesWhatIsCutOff},
	{"ClockIsSetBack", clockIsSetBack},
	{"OldEventsAreForgotten", oldEventsAreForgotten},
}
