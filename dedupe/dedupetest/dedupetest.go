// Package dedupetest defines what a [dedupe.Store] must do. A store is correct when [Run] passes:
//
//	func TestStore(t *testing.T) {
//		dedupetest.Run(t, func(t *testing.T) dedupetest.Subject {
//			return dedupetest.Subject{Store: mystore.New(connect(t))}
//		})
//	}
//
// Keys and tokens are new in every run, so that a store that is shared or not empty may be tested.
package dedupetest

import (
	"iter"
	"testing"
	"time"

	"github.com/kirimhooks/kirimhooks/dedupe"
)

// T is what a case needs of a [testing.T]. FailNow must not return.
type T interface {
	Helper()
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	FailNow()
}

// Subject is one store to test.
type Subject struct {
	// Store is the store. Required.
	Store dedupe.Store
	// Advance moves the clock of Store forward. Defaults to real time: leases are then short and waited for by asking the
	// store, and what would need hours is logged as not run.
	Advance func(time.Duration)
}

// Run runs every case as a subtest, each with a Subject of its own from open, which cleans up with t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) Subject) {
	for name, run := range Cases() {
		t.Run(name, func(t *testing.T) { run(t, open(t)) })
	}
}

// Cases yields every case by name, for callers that cannot use [Run]. Inside a bubble of testing/synctest there is no
// t.Run, so that each case needs a bubble of its own.
func Cases() iter.Seq2[string, func(T, Subject)] {
	return func(yield func(string, func(T, Subject)) bool) {
		for _, c := range cases {
			if !yield(c.name, func(t T, s Subject) { c.run(newProbe(t, s)) }) {
				return
			}
		}
	}
}

var cases = []struct {
	name string
	run  func(*probe)
}{
	{"ClaimIsExclusive", claimIsExclusive},
	{"ClaimIsExclusiveAfterTheLease", claimIsExclusiveAfterTheLease},
	{"HoldersNeverOverlap", holdersNeverOverlap},
	{"LeaseEnds", leaseEnds},
	{"LeftIsTrue", leftIsTrue},
	{"RenewalStartsTheLeaseAnew", renewalStartsTheLeaseAnew},
	{"RenewalAfterLossIsRefused", renewalAfterLossIsRefused},
	{"CommitIsSeenByAll", commitIsSeenByAll},
	{"CommitLastsItsTTL", commitLastsItsTTL},
	{"DoneKeysAreFreeAfterTheirTTL", doneKeysAreFreeAfterTheirTTL},
	{"CommitByAStaleTokenIsRefused", commitByAStaleTokenIsRefused},
	{"CommitAfterTheLeaseCounts", commitAfterTheLeaseCounts},
	{"CommitMayBeRepeated", commitMayBeRepeated},
	{"CommitAndClaimAreAtomic", commitAndClaimAreAtomic},
	{"ReleaseFrees", releaseFrees},
	{"ReleaseByAnotherChangesNothing", releaseByAnotherChangesNothing},
	{"ReleaseAfterCommitChangesNothing", releaseAfterCommitChangesNothing},
	{"ReleaseOfAFreeKeyIsFine", releaseOfAFreeKeyIsFine},
	{"EndedContextChangesNothing", endedContextChangesNothing},
	{"KeysAreIndependent", keysAreIndependent},
}
