package model

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/kirimhooks/kirimhooks/sender"
)

// Harness is a store to check and the clock it lives by.
type Harness struct {
	// Open returns a fresh, empty store, once for each program; it cleans up by t.Cleanup. Required.
	Open func(t *testing.T) sender.Store
	// Advance moves the clock of s by d. Defaults to none, for a store whose clock is time.Now of this process: each
	// program then has a testing/synctest bubble of its own, in which Open runs too and a year passes in no time.
	Advance func(s sender.Store, d time.Duration)
	// CancelsLate says that what waits for a removed subscription is cancelled by Purge, and counted as Held, instead of
	// at once. Defaults to false.
	CancelsLate bool
	// LeasesUnforeseen says that Claims.NextDue leaves out leases that will run out. Defaults to false.
	LeasesUnforeseen bool
	// Budget is the time after which no further program begins, for stores that are slow under the race detector; at
	// least 10 are played. Defaults to none.
	Budget time.Duration
}

// Check runs random programs on the store, and on a Sender over it, and compares each step with what must be. On a
// failure it prints the smallest program that it could find.
//
// The programs of the Sender need the bubble, since a Sender reads time.Now too: with Harness.Advance they are logged
// as not run. The flags of rapid say how much is done: -rapid.checks (programs, 100), -rapid.steps (half of a program,
// 30),
// -rapid.seed.
func Check(t *testing.T, h Harness) {
	CheckStore(t, h)
	t.Run("Sender", func(t *testing.T) {
		if h.Advance != nil {
			t.Log("not run: the store's clock is not time.Now of this process, so that store and Sender cannot share a bubble")
			return
		}
		check(t, h, playSender)
	})
}

// CheckStore is Check without the programs of the Sender.
func CheckStore(t *testing.T, h Harness) {
	t.Run("Store", func(t *testing.T) {
		check(t, h, func(p *program, s sender.Store, advance func(time.Duration)) { playStore(p, s, advance, h) })
	})
}

// play plays one program on s, whose clock advance moves; it draws its steps and writes them down in p.
type play func(p *program, s sender.Store, advance func(time.Duration))

// program is a sequence of steps and, if it fails, what is wrong.
type program struct {
	*rapid.T
	steps  []string
	breach string
}

// say writes a step down.
func (p *program) say(format string, args ...any) {
	p.steps = append(p.steps, fmt.Sprintf(format, args...))
}

// broken unwinds a program.
type broken struct{}

// must ends the program unless ok.
func (p *program) must(ok bool, format string, args ...any) {
	if !ok {
		p.breach = fmt.Sprintf(format, args...)
		panic(broken{})
	}
}

func (p *program) ok(err error) { p.must(err == nil, "error: %v", err) }

func (p *program) String() string {
	var b strings.Builder
	for i, step := range p.steps {
		fmt.Fprintf(&b, "%3d. %s\n", i+1, step)
	}
	return b.String() + "     BREACH: " + p.breach
}

func check(t *testing.T, h Harness, play play) {
	var programs, steps int
	var smallest *program // rapid shows its own, unless a program fails only now and then
	t.Cleanup(func() {
		if smallest != nil {
			t.Logf("the smallest program that failed:\n%s", smallest)
		}
	})
	began := time.Now()
	rapid.Check(t, func(rt *rapid.T) {
		if h.Budget > 0 && programs >= 10 && smallest == nil && time.Since(began) > h.Budget {
			return
		}
		p := &program{T: rt}
		if h.Advance == nil {
			bubble(t, func(t *testing.T) { p.run(func() { play(p, h.Open(t), time.Sleep) }) })
		} else {
			s := h.Open(t)
			p.run(func() { play(p, s, func(d time.Duration) { h.Advance(s, d) }) })
		}
		programs, steps = programs+1, steps+len(p.steps)
		if p.breach == "" {
			return
		}
		if smallest == nil || len(p.steps) < len(smallest.steps) {
			smallest = p
		}
		rt.Fatal("what happened must not happen") // in the same words each time: ids differ, and rapid takes that for chance
	})
	t.Logf("%d programs of %d steps on average", programs, steps/programs)
}

// run plays the program up to its end or its breach.
func (p *program) run(play func()) {
	defer func() {
		if thrown := recover(); thrown != nil && thrown != (broken{}) {
			panic(thrown)
		}
	}()
	play()
}

// bubble runs f with a clock of its own. It takes what rapid throws, to unwind a program, from one goroutine to the
// other.
func bubble(t *testing.T, f func(*testing.T)) {
	t.Helper()
	var thrown any
	synctest.Test(t, func(t *testing.T) {
		defer func() { thrown = recover() }()
		f(t)
	})
	if thrown != nil {
		panic(thrown)
	}
}
