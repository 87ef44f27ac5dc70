package limiter_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/internal/limiter"
)

// Half of the slots are for unproven endpoints, a quarter for failing ones, and a quarter for none of them.
func TestEndpointsThatHangLeaveSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 100, 8)
		r.due(endpoints("hangs", 50))
		require.Zero(t, r.allowed("new"))
		require.Equal(t, "its endpoint has not answered yet, and the slots of such endpoints are taken", r.Why("new"))
		wait, ok := r.Wait()
		require.True(t, ok)
		require.Equal(t, time.Second, wait)
		time.Sleep(wait)
		r.due(nil) // the one for healthy lanes alone
		g := r.Reserve(500)
		require.Equal(t, 25, g.Slots, "those count as failing: both together have three quarters")
		r.Start(g, endpoints("new", 25), false)
		require.Zero(t, r.allowed("another"))
		require.Zero(t, r.allowed("hangs0"))
		for i := range 25 {
			r.done(fmt.Sprint("new", i), 1, limiter.Success)
		}
		require.Equal(t, 2, r.allowed("new3"), "what answers gets its slots")
		for i := range 50 {
			r.done(fmt.Sprint("hangs", i), 1, limiter.NoAnswer)
		}
		g = r.Reserve(500)
		probes := 0
		for i := range 50 {
			probes += g.Allows(fmt.Sprint("hangs", i))
		}
		require.Equal(t, 25, probes)
	})
}

// While slots are scarce, no lane gets more than its share.
func TestShare(t *testing.T) {
	r := newRig(t, 16, 12)
	r.healthy(12)
	r.Start(r.Reserve(500), of(11), false)
	r.due(endpoints("b", 1))
	r.done("a", 1, limiter.Success)
	require.Equal(t, 1, r.allowed("a"), "a quarter is free")
	r.StartFresh(r.ReserveFresh(1), endpoints("c", 1))
	require.Zero(t, r.allowed("a"))
	require.Equal(t, "its endpoint has 11 requests at once, as many as it may get now", r.Why("a"))
}

func TestNoSlotIsFree(t *testing.T) {
	r := newRig(t, 2, 2)
	r.healthy(2)
	r.due(of(1))
	require.Equal(t, "all 2 are taken", r.Why("new"))
	require.False(t, r.HalfFree())
	require.True(t, r.done("a", 1, limiter.Success).Half)
	require.Empty(t, r.Why("new"))
}

// The books are balanced after any sequence of claims, hand-overs and outcomes: a slot that leaks shows elsewhere only
// after weeks.
func TestBooks(t *testing.T) {
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 1))
		slots, perLane := 1+random.IntN(40), 1+random.IntN(8)
		b := &books{rig: newRig(t, slots, perLane), random: random, inFlight: map[string]int{}}
		for range 300 {
			if random.IntN(4) == 0 {
				due, fresh := b.Reserve(1+random.IntN(50)), b.ReserveFresh(1+random.IntN(8)) // at once
				b.reserved = due.Slots + fresh.Slots
				b.balanced(slots, perLane)
				b.started(b.StartFresh(fresh, b.some(fresh)))
				run, _ := b.Start(due, b.some(due), random.IntN(9) == 0)
				b.started(run)
				b.reserved = 0
			} else if len(b.running) > 0 {
				b.end(random.IntN(len(b.running)), limiter.Reaction(random.IntN(5)))
			}
			b.balanced(slots, perLane)
		}
		for len(b.running) > 0 {
			b.end(0, limiter.NoRequest)
		}
		require.Zero(t, b.parked, "what waited has run")
		b.balanced(slots, perLane)
		for i := range 200 { // every endpoint has answered: no rule is left that keeps slots
			run, _ := b.Start(b.Reserve(1), []delivery{{lane: fmt.Sprint(i % 30)}}, false)
			b.started(run)
			b.end(0, limiter.Success)
		}
		require.Equal(t, max(1, slots/2), b.ReserveFresh(slots).Slots)
	}
}

// books counts what a limiter should.
type books struct {
	rig
	random                      *rand.Rand
	running                     []delivery
	inFlight                    map[string]int
	reserved, parked, unwritten int
}

// some is what a claim brings: all that the grant allows, or less.
func (b *books) some(g limiter.Grant) (items []delivery) {
	full := b.random.IntN(2) == 0
	for id := range 30 {
		n := g.Allows(fmt.Sprint(id))
		if !full && n > 0 {
			n = b.random.IntN(n + 1)
		}
		for range min(n, g.Slots-len(items)) {
			items = append(items, delivery{lane: fmt.Sprint(id)})
		}
	}
	b.parked += len(items)
	return items
}

func (b *books) started(run []delivery) {
	b.parked -= len(run)
	b.running = append(b.running, run...)
	for _, d := range run {
		b.inFlight[d.lane]++
	}
}

func (b *books) end(i int, how limiter.Reaction) {
	d := b.running[i]
	b.running[i] = b.running[len(b.running)-1]
	b.running = b.running[:len(b.running)-1]
	b.inFlight[d.lane]--
	run, _ := b.Done(d.lane, how)
	b.started(run)
	b.unwritten++
	if b.random.IntN(2) == 0 {
		b.Written(b.unwritten)
		b.unwritten = 0
	}
}

func (b *books) balanced(slots, perLane int) {
	b.Helper()
	taken, unwritten := b.Taken()
	require.Equal(b, b.reserved+b.parked+len(b.running), taken)
	require.LessOrEqual(b, taken, slots)
	require.Equal(b, b.unwritten, unwritten)
	for id, n := range b.inFlight {
		if n > perLane {
			require.Fail(b, "too many at once", "%d in lane %s", n, id)
		}
	}
}
