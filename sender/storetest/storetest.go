// Package storetest is the definition of a correct [driver.Store]: one small case for each promise that the interface
// makes. A store of your own is done when this passes:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) storetest.Subject {
//			return storetest.Subject{Store: open(t)}
//		})
//	}
//
// A store whose clock can be moved says so in Subject.Advance, and the cases that need hours run too. One that reads
// time.Now in this process can run each case in a testing/synctest bubble, with time.Sleep for Advance; since t.Run is
// not allowed there, [Cases] hands them out one by one.
//
// All arguments are valid: package sender checks them before, and what a store makes of others is its own affair.
//
// Cases leave to a store what the interface leaves to it: the order of what is due, how much one Claim gives below its
// limits, how soon what waits for a deleted subscription is cancelled.
package storetest

import (
	"context"
	"iter"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Subject is a fresh, empty store.
type Subject struct {
	Store driver.Store
	// Advance moves the store's clock by d, back if that is negative. Defaults to real time: cases that need more than a
	// moment are then logged as not run.
	Advance func(d time.Duration)
	// Spoil makes a row unreadable, as a fault or somebody's hand may have left it, in the n-th way that this store has,
	// from 0, and makes the store forget what it keeps of it in memory; false: the store has no more ways. nil: it has no
	// rows that could be unreadable, as memory has none. The row must stay where it is found: what makes it a row of
	// that id, org and subscription stays as it was.
	Spoil func(table Table, org, id string, n int) bool
}

// T is what a case needs of a *testing.T.
type T interface {
	require.TestingT
	Helper()
	Logf(format string, args ...any)
	Context() context.Context
}

// Run runs every case as a subtest. open is called for each and returns a store that is fresh; it cleans up by
// t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) Subject) {
	for name, run := range Cases() {
		t.Run(name, func(t *testing.T) { run(t, open(t)) })
	}
}

// Cases gives every case by name, for those who cannot use [Run].
func Cases() iter.Seq2[string, func(T, Subject)] {
	return func(yield func(string, func(T, Subject)) bool) {
		for _, c := range cases() {
			run := func(t T, s Subject) {
				defer func() {
					if p := recover(); p != nil { // an answer that no case foresaw
						t.Errorf("panic: %v\n%s", p, debug.Stack())
						t.FailNow()
					}
				}()
				c(newWorld(t, s))
			}
			if !yield(nameOf(c), run) {
				return
			}
		}
	}
}

// nameOf is the name of the function with an upper-case initial, so that a case has one name and not two.
func nameOf(c func(*world)) string {
	name := runtime.FuncForPC(reflect.ValueOf(c).Pointer()).Name()
	name = name[strings.LastIndexByte(name, '.')+1:]
	return string(unicode.ToUpper(rune(name[0]))) + name[1:]
}

func cases() []func(*world) {
	var all []func(*world)
	for _, some := range [][]func(*world){
		enqueueCases(), identityCases(), bornClaimedCases(), claimCases(), fairnessCases(), settleCases(), repeatCases(),
		leaseCases(), attemptCases(), healthCases(), minuteCases(), directoryCases(), deleteCases(), heldCases(), logCases(),
		queryCases(), eventCases(), eraseCases(), replayCases(), lineageCases(), retryNowCases(), cancelCases(),
		endingCases(), purgeCases(), trimCases(), tenantCases(),
		contextCases(), lostReplyCases(), concurrencyCases(), waiterCases(), counterCases(), backlogCases(), unreadableCases(),
		writtenCases(),
		extremeCases(), clockCases(),
	} {
		all = append(all, some...)
	}
	return all
}
