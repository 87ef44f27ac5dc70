package sender

import (
	"sync"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// gate bounds what this process has in flight, in all and for each subscription, so that endpoints that hang cannot
// take the workers from those that answer. A slot is taken when a delivery is claimed and given back when its attempt has
// ended. Outcomes that are still to be written have room beside the slots, as much again: a store in trouble thereby
// stops the claims.
//
// Each subscription has a lane that widens as its endpoint answers and narrows as it does not: slow start, as TCP has
// it. Three more rules hold over all lanes, since many endpoints may hang at once:
//
//   - Endpoints that have not answered yet get half of the slots at most. One that keeps silent for a second counts as one
//     that last gave no answer, so that the next can be tried.
//   - Those that last gave no answer get a quarter at most, one probe each; both together get three quarters.
//   - While less than a quarter of the slots is free, no lane gets more than its share.
type gate struct {
	mu      sync.Mutex
	workers int
	free    int // slots not taken

	unwritten int  // attempts that ended and whose outcomes are not written
	stalled   bool // the claim loop got no slots

	most    int // slots of one lane
	lanes   map[string]*lane
	watched map[string]*lane    // those of lanes that have something in flight, to come, or to remember
	idle    map[string]struct{} // the other lanes
	failing map[string]struct{} // those watched for nothing but that they are bad

	strangers, bad int            // slots taken by lanes of that standing
	active         int            // lanes with something in flight
	held           bool           // the claim loop held a stranger or a bad lane back by a rule above
	due            map[string]int // quota of the claim loop, used again for each claim
	provenNext     bool           // the next claim is for proven lanes alone, if strangers cannot have all free slots
}

func newGate(workers, perSubscription int) *gate {
	return &gate{
		workers: workers, free: workers, most: perSubscription,
		lanes: map[string]*lane{}, watched: map[string]*lane{}, due: map[string]int{},
		idle: map[string]struct{}{}, failing: map[string]struct{}{},
	}
}

// cancel gives reserved slots back that no claim filled.
func (g *gate) cancel(slots int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.free += slots
}

// enter admits claims of a publisher, whose slots are reserved, and returns those that may run now; leave gives the
// others out.
func (g *gate) enter(claims []driver.Claim, until time.Time) (run []job) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.admit(claims, until)
}

// enterDue is enter for the claim loop. It compares what the claim brought with what it was allowed, so that leave can
// tell whether to ask again, and reports whether to do so at once: the claim was full or cut short, or there is room by now
// for more than it was allowed. A full claim may have ended before it came to a lane: it says nothing of those that had more.
func (g *gate) enterDue(claims driver.Claims, until time.Time, gr *grant) (run []job, again bool) {
	taken := make(map[string]int)
	for i := range claims.Claims {
		taken[claims.Claims[i].Delivery.SubscriptionID]++
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	run = g.admit(claims.Claims, until)
	share, now := g.share(), time.Now()
	full := len(claims.Claims) == gr.slots
	cut := full && g.backlogs() <= maxBacklogs
	again = full || claims.More
	for id, l := range g.watched {
		allowed := gr.allows(id)
		l.more = taken[id] >= allowed || cut && l.more
		again = again || l.more && allowed > 0 && l.room(share, now) > 0
		g.rest(id, l)
	}
	g.provenNext = again && gr.perSubscription > 0
	return run, again
}

// paced is how long it is until a lane whose rate alone holds it up may have more; false if there is none.
func (g *gate) paced() (wait time.Duration, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	for _, l := range g.watched {
		if !l.more || l.pace.rate == 0 {
			continue
		}
		if w := l.pace.wait(now); w > 0 && (!ok || w < wait) {
			wait, ok = w, true
		}
	}
	return wait, ok
}

func (g *gate) admit(claims []driver.Claim, until time.Time) (run []job) {
	run = make([]job, 0, len(claims))
	for i := range claims {
		j, id := job{claim: (*claim)(&claims[i]), until: until}, claims[i].Delivery.SubscriptionID
		l := g.lanes[id]
		if l == nil {
			l = &lane{limit: 1}
			g.lanes[id] = l
		}
		if sub := claims[i].Subscription; sub != nil && (sub.Rate > 0 || l.pace.rate > 0) {
			l.pace.set(sub.Rate, time.Now())
			l.pace.tokens--
		}
		if l.inFlight >= l.limit {
			j.parked = time.Now()
			l.parked = append(l.parked, j)
			continue
		}
		if l.inFlight == 0 {
			delete(g.idle, id)
			delete(g.failing, id)
			g.watched[id] = l
		}
		g.take(l, 1)
		run = append(run, j)
	}
	return run
}

// take counts n slots for a lane, or back if n is negative.
func (g *gate) take(l *lane, n int) {
	was := l.inFlight > 0
	l.inFlight += n
	if n > 0 && l.standing != proven {
		l.since = time.Now()
	}
	switch is := l.inFlight > 0; {
	case is && !was:
		g.active++
	case was && !is:
		g.active--
	}
	g.count(l.standing, n)
}

func (g *gate) count(s standing, n int) {
	switch s {
	case stranger:
		g.strangers += n
	case bad:
		g.bad += n
	}
}

// room is what the claim loop learns when a slot is given back.
type room struct {
	wanted     bool // the store may have something for it
	half       bool // of all slots are free
	halfOfLane bool // is free, where it is the lane that wants more
}

func (g *gate) roomy() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.half()
}

func (g *gate) half() bool { return 2*g.free >= g.workers }

// wrote gives the room of outcomes back. It reports whether the claim loop waits for it.
func (g *gate) wrote(n int) (waiting bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.unwritten -= n
	return g.stalled
}

// leave gives back the slot of a delivery of subscription id, and learns from how its endpoint took it. It returns the
// parked claims that may run now. The outcome is unwritten until wrote.
func (g *gate) leave(id string, r reaction) (next []job, now room) {
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.lanes[id]
	now.wanted = l.more || (g.held && l.standing != proven)
	g.free++
	g.unwritten++
	g.take(l, -1)
	g.learn(l, r)
	for len(l.parked) > 0 && l.inFlight < l.limit {
		next = append(next, l.parked[0])
		l.parked = l.parked[1:]
		g.take(l, 1)
	}
	now.half, now.halfOfLane = g.half(), !l.more || 2*(l.limit-l.inFlight) >= l.limit
	g.rest(id, l)
	return next, now
}

// unpark takes out everything that waits, at shutdown.
func (g *gate) unpark() []job {
	g.mu.Lock()
	defer g.mu.Unlock()
	var all []job
	for _, l := range g.lanes {
		g.take(l, len(l.parked))
		all = append(all, l.parked...)
		l.parked = nil
	}
	return all
}
