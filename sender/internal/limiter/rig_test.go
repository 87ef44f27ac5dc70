package limiter_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/internal/limiter"
)

// delivery is an item.
type delivery struct {
	lane string
	rate float64
}

func (d delivery) Lane() string  { return d.lane }
func (d delivery) Rate() float64 { return d.rate }

// rig is a limiter that a test claims from by hand.
type rig struct {
	*testing.T
	*limiter.Limiter[delivery]
}

func newRig(t *testing.T, slots, perLane int) rig {
	return rig{t, limiter.New[delivery](slots, perLane)}
}

// of are n deliveries of lane a.
func of(n int) []delivery {
	items := make([]delivery, n)
	for i := range items {
		items[i].lane = "a"
	}
	return items
}

// endpoints are one delivery each for n lanes.
func endpoints(name string, n int) (items []delivery) {
	for i := range n {
		items = append(items, delivery{lane: fmt.Sprint(name, i)})
	}
	return items
}

// due makes a claim that brings items.
func (r rig) due(items []delivery) (again bool) {
	r.Helper()
	run, again := r.Start(r.Reserve(500), items, false)
	require.Len(r, run, len(items), "none has to wait")
	return again
}

// allowed is what a claim may bring of a lane.
func (r rig) allowed(id string) int {
	g := r.Reserve(500)
	r.Cancel(g)
	return g.Allows(id)
}

// fresh is what a publisher may bring of a lane.
func (r rig) fresh(id string) int {
	g := r.ReserveFresh(500)
	r.Cancel(g)
	return g.Allows(id)
}

// done ends n deliveries of a lane, and their outcomes are written.
func (r rig) done(id string, n int, how limiter.Reaction) (freed limiter.Freed) {
	r.Helper()
	for range n {
		var run []delivery
		run, freed = r.Done(id, how)
		require.Empty(r, run)
		r.Written(1)
	}
	return freed
}

// healthy lets the endpoint of lane a deliver so many. One more is in flight.
func (r rig) healthy(successes int) {
	r.Helper()
	r.due(of(1))
	for range successes {
		run, _ := r.Start(r.Reserve(2), of(1), false)
		next, _ := r.Done("a", limiter.Success)
		require.Len(r, append(run, next...), 1)
		r.Written(1)
	}
}
