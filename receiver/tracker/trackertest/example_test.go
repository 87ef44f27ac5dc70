package trackertest_test

import (
	"testing"

	"github.com/kirimhooks/kirimhooks/receiver/tracker"
	"github.com/kirimhooks/kirimhooks/receiver/tracker/trackertest"
)

// t stands for the argument of the test function that the example is the body of.
var t *testing.T

// The whole test of a store.
func ExampleRun() {
	trackertest.Run(t, func(*testing.T) tracker.Store { return tracker.NewMemory() })
}
