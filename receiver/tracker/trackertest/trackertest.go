// Package trackertest defines what a [tracker.Store] must do. A store is correct when [Run] passes:
//
//	func TestStore(t *testing.T) {
//		trackertest.Run(t, func(t *testing.T) tracker.Store { return mystore.New(emptied(t)) })
//	}
//
// What a row must say is always asked of [tracker.Message.Apply].
package trackertest

import (
	"iter"
	"testing"

	"github.com/kirimhooks/kirimhooks/receiver/tracker"
)

// T is what a case needs of a [testing.T]. FailNow must not return.
type T interface {
	Helper()
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	FailNow()
}

// Run runs every case as a subtest, each with an empty store from open, which cleans up with t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) tracker.Store) {
	for name, run := range Cases() {
		t.Run(name, func(t *testing.T) { run(t, open(t)) })
	}
}

// Cases yields every case by name, for callers that cannot use [Run].
func Cases() iter.Seq2[string, func(T, tracker.Store)] {
	return func(yield func(string, func(T, tracker.Store)) bool) {
		for _, c := range cases {
			if !yield(c.name, func(t T, s tracker.Store) { c.run(&probe{T: t, store: s}) }) {
				return
			}
		}
	}
}

var cases = []struct {
	name string
	run  func(*probe)
}{
	{"OneRowOfAllSteps", oneRowOfAllSteps},
	{"LateStatusesDoNotTurnBack", lateStatusesDoNotTurnBack},
	{"RepeatedStatusesChangeNothing", repeatedStatusesChangeNothing},
	{"FailedIsFinal", failedIsFinal},
	{"FailedAfterArrivalChangesNothing", failedAfterArrivalChangesNothing},
	{"FirstFailureIsTold", firstFailureIsTold},
	{"AnyOrderGivesTheSameRow", anyOrderGivesTheSameRow},
	{"WritersAtOnceLoseNothing", writersAtOnceLoseNothing},
	{"KeysAreApart", keysAreApart},
	{"KeysAreBytes", keysAreBytes},
	{"WhatComesLaterFillsIn", whatComesLaterFillsIn},
	{"TextsComeBack", textsComeBack},
	{"TimesComeBack", timesComeBack},
	{"OneCallRecordsAll", oneCallRecordsAll},
	{"UselessStatusesAreRefused", uselessStatusesAreRefused},
	{"GetFindsByEitherID", getFindsByEitherID},
	{"ListByStep", listByStep},
	{"ListBefore", listBefore},
	{"ListPages", listPages},
	{"ListRefuses", listRefuses},
	{"PurgeDeletesTheOld", purgeDeletesTheOld},
	{"EndedContextChangesNothing", endedContextChangesNothing},
}
