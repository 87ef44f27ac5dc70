package sender

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// The gate's books are balanced after any sequence of claims, hand-overs and outcomes. They cannot be read from outside,
// and a slot that leaks shows there only after weeks.
func TestGateBooks(t *testing.T) {
	for seed := range uint64(40) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		workers, perSubscription := 1+rnd.IntN(40), 1+rnd.IntN(8)
		g := newGate(workers, perSubscription)
		var running []job
		reserved := 0
		claim := func(gr grant, full bool) (claims []driver.Claim) {
			for id := range 30 {
				allowed := gr.allows(fmt.Sprint(id))
				if !full && allowed > 0 {
					allowed = rnd.IntN(allowed + 1)
				}
				for range min(allowed, gr.slots-len(claims)) {
					claims = append(claims, driver.Claim{Delivery: Delivery{SubscriptionID: fmt.Sprint(id)}, Subscription: &driver.SubscriptionRecord{}})
				}
			}
			return claims
		}
		hand := func(gr grant, due bool) {
			claims := claim(gr, rnd.IntN(2) == 0)
			g.cancel(gr.slots - len(claims))
			reserved -= gr.slots
			if due {
				run, _ := g.enterDue(driver.Claims{Claims: claims}, time.Time{}, &gr)
				running = append(running, run...)
			} else {
				running = append(running, g.enter(claims, time.Time{})...)
			}
		}
		for range 300 {
			switch rnd.IntN(4) {
			case 0:
				due := g.reserve(1 + rnd.IntN(50))
				fresh := g.reserveFresh(1 + rnd.IntN(8)) // both at once: what neither saw of the other is parked
				reserved += due.slots + fresh.slots
				balanced(t, g, running, reserved)
				hand(fresh, false)
				hand(due, true)
			default:
				if len(running) == 0 {
					continue
				}
				i := rnd.IntN(len(running))
				id := running[i].Delivery.SubscriptionID
				running[i] = running[len(running)-1]
				running = running[:len(running)-1]
				next, _ := g.leave(id, reaction(rnd.IntN(5)))
				running = append(running, next...)
			}
			balanced(t, g, running, reserved)
		}
		running = append(running, g.unpark()...)
		for _, j := range running {
			next, _ := g.leave(j.Delivery.SubscriptionID, reactionNone)
			require.Empty(t, next)
		}
		balanced(t, g, nil, 0)
		require.Equal(t, workers, g.free)
		require.Zero(t, g.strangers+g.bad+g.active)
	}
}

func balanced(t *testing.T, g *gate, running []job, reserved int) {
	t.Helper()
	parked, inFlight, active := 0, map[standing]int{}, 0
	for _, l := range g.lanes {
		parked += len(l.parked)
		inFlight[l.standing] += l.inFlight
		if l.inFlight > 0 {
			active++
		}
		require.LessOrEqual(t, l.limit, g.most)
		require.GreaterOrEqual(t, l.limit, 1)
		require.False(t, len(l.parked) > 0 && l.inFlight < l.limit, "a parked claim with room to run")
	}
	require.Equal(t, g.workers, g.free+reserved+parked+len(running))
	require.Equal(t, len(running), inFlight[stranger]+inFlight[proven]+inFlight[bad])
	require.Equal(t, []int{inFlight[stranger], inFlight[bad], active}, []int{g.strangers, g.bad, g.active})
	for id, l := range g.watched {
		require.Same(t, g.lanes[id], l)
		require.NotContains(t, g.idle, id)
	}
	for id, l := range g.lanes {
		_, idle := g.idle[id]
		require.True(t, idle || g.watched[id] == l || len(l.parked) > 0, "each lane is watched or idle")
		require.False(t, idle && l.inFlight > 0)
	}
	for id := range g.failing {
		require.Zero(t, g.watched[id].inFlight)
	}
}

// What is known of endpoints that have nothing to do is bounded, and what must be remembered is not forgotten for others that
// come and go.
func TestGateForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const slow = 0.01 // attempts a second
		g := newGate(10, 1)
		attempt := func(id string, rate float64, r reaction) {
			sub := &driver.SubscriptionRecord{Subscription: Subscription{Rate: rate}}
			g.enter([]driver.Claim{{Delivery: Delivery{SubscriptionID: id}, Subscription: sub}}, time.Time{})
			g.leave(id, r)
			g.wrote(1)
		}
		crowd := func(name string, n int, r reaction) {
			for i := range n {
				attempt(name+fmt.Sprint(i), 0, r)
			}
		}
		attempt("failing", 0, reactionSuccess)
		time.Sleep(2 * grudge)
		attempt("failing", 0, reactionSilence)
		attempt("paced", slow, reactionSuccess)
		d := drive{t, g}
		d.proven(1) // lane "a"
		gr := g.reserve(500)
		g.cancel(gr.slots)
		g.enterDue(driver.Claims{More: true}, time.Time{}, &gr)
		g.leave("a", reactionSuccess)
		require.True(t, g.lanes["a"].more)

		crowd("answers", 3*maxIdle, reactionSuccess)
		require.LessOrEqual(t, len(g.idle), maxIdle)
		require.LessOrEqual(t, len(g.lanes), maxIdle+3)
		require.Equal(t, bad, g.lanes["failing"].standing)
		require.Zero(t, g.lanes["paced"].pace.room(time.Now()))
		require.True(t, g.lanes["a"].more)

		crowd("silent", 3*maxFailing, reactionSilence)
		require.LessOrEqual(t, len(g.failing), maxFailing)
		require.LessOrEqual(t, len(g.watched), maxFailing+3)
		require.LessOrEqual(t, len(g.lanes), maxIdle+maxFailing+3)
		require.Zero(t, g.lanes["paced"].pace.room(time.Now()))
		require.True(t, g.lanes["a"].more)

		time.Sleep(grudge)
		for range 2 { // what was held back until now is asked for first
			gr = g.reserve(500)
			g.cancel(gr.slots)
			g.enterDue(driver.Claims{}, time.Time{}, &gr)
		}
		require.Len(t, g.failing, 0)
		require.Len(t, g.watched, 0)
		require.LessOrEqual(t, len(g.lanes), maxIdle)
		require.Zero(t, g.strangers+g.bad+g.active)
	})
}

// drive is a gate with one lane, driven by hand.
type drive struct {
	*testing.T
	*gate
}

func (d drive) due(n int) (wake bool) {
	gr := d.reserve(500)
	_, again := d.came(gr, n)
	return again
}

func (d drive) came(gr grant, n int) (run []job, again bool) {
	claims := make([]driver.Claim, n)
	for i := range claims {
		claims[i].Delivery.SubscriptionID = "a"
	}
	d.cancel(gr.slots - n)
	return d.enterDue(driver.Claims{Claims: claims}, time.Time{}, &gr)
}

// proven makes the lane one of an endpoint that has answered so often that it may have limit attempts at once.
func (d drive) proven(limit int) {
	d.due(1)
	for range limit {
		d.came(d.reserve(2), 1)
		d.leave("a", reactionSuccess)
	}
	require.Equal(d, limit, d.lanes["a"].limit)
	require.Equal(d, 1, d.lanes["a"].inFlight)
}

func TestGateAsksAgain(t *testing.T) {
	const success = reactionSuccess
	t.Run("where others left during a claim that took all it was allowed", func(t *testing.T) {
		d := drive{t, newGate(100, 8)}
		d.proven(8)
		d.due(2)
		gr := d.reserve(500)
		require.Equal(t, 5, gr.allows("a"))
		d.leave("a", success)
		_, again := d.came(gr, 5)
		require.True(t, again, "there is room for one more by now")
		require.False(t, d.due(1), "and now there is none")
		_, now := d.leave("a", success)
		require.True(t, now.wanted, "until one leaves")
		require.False(t, d.due(0), "a claim that found less than it was allowed has found all")
		for range 7 {
			_, now = d.leave("a", success)
			require.False(t, now.wanted)
		}
	})
	t.Run("when one leaves during a claim that could take none", func(t *testing.T) {
		d := drive{t, newGate(100, 1)}
		d.proven(1)
		d.leave("a", success)
		d.due(0)
		d.reserveFresh(1)
		d.enter([]driver.Claim{{Delivery: Delivery{SubscriptionID: "a"}}}, time.Time{})
		gr := d.reserve(500)
		require.Zero(t, gr.allows("a"))
		_, now := d.leave("a", success)
		require.True(t, now.wanted)
		d.came(gr, 0)
	})
	t.Run("for strangers that a rule held back", func(t *testing.T) {
		d := drive{t, newGate(100, 8)}
		gr := d.reserve(500)
		d.came(gr, 1)
		_, now := d.leave("a", reactionNone)
		require.True(t, now.wanted)
	})
}

// While strangers cannot have every slot, a claim of any kind that was not all there is makes the next one for proven lanes alone,
// and that one is followed by one of any kind whatever it brought.
func TestGateTakesTurns(t *testing.T) {
	g := newGate(100, 8)
	claim := func(partial bool, claims driver.Claims) (again bool) {
		t.Helper()
		gr := g.reserve(500)
		require.Equal(t, partial, gr.partial)
		if partial {
			require.Equal(t, []int{100, 0}, []int{gr.slots, gr.perSubscription})
		} else {
			require.Equal(t, []int{50, 1}, []int{gr.slots, gr.perSubscription}, "strangers have half of the slots at most")
		}
		g.cancel(gr.slots - len(claims.Claims))
		run, again := g.enterDue(claims, time.Time{}, &gr)
		for _, j := range run {
			g.leave(j.Delivery.SubscriptionID, reactionSuccess)
		}
		g.wrote(len(run))
		return again
	}
	of := func(endpoints int) driver.Claims {
		list := make([]driver.Claim, endpoints)
		for i := range list {
			list[i].Delivery.SubscriptionID = fmt.Sprint(i)
		}
		return driver.Claims{Claims: list}
	}
	require.True(t, claim(false, of(50)), "it was full")
	require.True(t, claim(true, of(100)), "and so was this")
	require.False(t, claim(false, of(0)))
	require.False(t, claim(false, of(0)), "one that is short has seen all there is")
	require.True(t, claim(false, driver.Claims{More: true}), "the store has not looked at all")
	require.False(t, claim(true, of(0)))
	require.False(t, claim(false, of(0)))
}

func TestGateRestartsWhatWasIdle(t *testing.T) {
	d := drive{t, newGate(100, 8)}
	d.proven(8)
	require.False(t, d.due(0))
	d.leave("a", reactionSuccess)
	require.Equal(t, restart, d.lanes["a"].limit)
	require.Empty(t, d.watched)

	d.proven(8)
	d.came(d.reserve(500), 7) // all that it was allowed
	for range 8 {
		d.leave("a", reactionSuccess)
	}
	require.Equal(t, 8, d.lanes["a"].limit, "between two claims of a backlog it is not idle")
	d.due(0)
	require.Equal(t, restart, d.lanes["a"].limit, "nothing was left")
	require.Empty(t, d.watched)
}

func TestGateLetsFreshDeliveriesNotOvertake(t *testing.T) {
	d := drive{t, newGate(100, 8)}
	d.proven(8)
	require.Equal(t, 7, d.fresh())
	d.came(d.reserve(500), 7)
	d.leave("a", reactionSuccess)
	require.Zero(t, d.fresh(), "the store may have more")
	d.due(0)
	require.Equal(t, 1, d.fresh())

	d = drive{t, newGate(10, 8)}
	gr := d.reserveFresh(100)
	require.Equal(t, 5, gr.slots, "strangers have half of the slots at most")
}

func (d drive) fresh() int {
	gr := d.reserveFresh(10)
	d.cancel(gr.slots)
	return gr.allows("a")
}
