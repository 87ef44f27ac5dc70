package storetest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/memstore"
	"github.com/kirimhooks/kirimhooks/sender/storetest"
)

// t stands for the argument of the test function that the examples are the bodies of.
var t *testing.T

// A store whose clock cannot be moved; the cases that need hours are logged as not run.
func ExampleRun() {
	storetest.Run(t, func(*testing.T) storetest.Subject { return storetest.Subject{Store: memstore.New()} })
}

// A store that reads time.Now in this process: each case in a bubble of its own, where hours pass at once.
func ExampleCases() {
	for name, run := range storetest.Cases() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { run(t, storetest.Subject{Store: memstore.New(), Advance: time.Sleep}) })
		})
	}
}
