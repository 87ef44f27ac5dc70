package dedupetest_test

import (
	"fmt"

	"github.com/kirimhooks/kirimhooks/dedupe"
	"github.com/kirimhooks/kirimhooks/dedupe/dedupetest"
)

// quiet is the least a T can be.
type quiet struct{ failed bool }

func (*quiet) Helper()                 {}
func (*quiet) Logf(string, ...any)     {}
func (q *quiet) Errorf(string, ...any) { q.failed = true }
func (q *quiet) FailNow()              { panic("a real one ends the goroutine") }

// Without a testing.T, and where t.Run is not allowed, run the cases one by one.
func ExampleCases() {
	for name, run := range dedupetest.Cases() {
		if name == "ReleaseFrees" {
			t := new(quiet)
			run(t, dedupetest.Subject{Store: dedupe.NewMemory(0)})
			fmt.Println(name, !t.failed)
		}
	}
	// Output:
	// ReleaseFrees true
}
