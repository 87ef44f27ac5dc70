package sender

import "time"

// lane is the part of one subscription.
type lane struct {
	standing standing
	since    time.Time // when it got its last slot, while it is no proven one
	inFlight int
	limit    int
	parked   []job // claimed beyond the limit by two calls at once; each runs, or goes back if that takes long, when another has ended
	more     bool  // the last claim took all that it was allowed here: the store may have more
	pace     pace
}

// standing is what is known of an endpoint.
type standing int

const (
	stranger standing = iota // has not answered yet
	proven                   // its last attempt got an answer
	bad                      // its last attempt got none
)

const (
	restart     = 4           // the limit of a proven lane that was idle
	maxIdle     = 4000        // idle lanes kept in memory; beyond that one is forgotten and becomes a stranger
	maxFailing  = 4000        // the same for idle lanes whose endpoints last gave no answer
	grudge      = time.Hour   // how long an endpoint counts as one that gives no answer without having been asked again
	maxBacklogs = 500         // lanes with a backlog that every claim lists; beyond that those it did not come to are taken for idle ones
	trust       = time.Second // how long a stranger is waited for before it counts as bad
)

// rest lets go of a lane that has nothing in flight and nothing to come. One that has something to remember stays watched,
// however many others come and go: a pace until it is back to the full, an endpoint that gives no answer for an hour.
func (g *gate) rest(id string, l *lane) {
	now := time.Now()
	if l.inFlight > 0 || !l.pace.rested(now) {
		return
	}
	if !l.more {
		l.limit = min(l.limit, restart)
	}
	if l.standing == bad && now.Sub(l.since) < grudge {
		g.failing[id] = struct{}{}
		g.forget(g.failing, maxFailing)
		return
	}
	if l.standing == bad {
		l.standing = stranger
		delete(g.failing, id)
	}
	if l.more {
		return
	}
	delete(g.watched, id)
	g.idle[id] = struct{}{}
	g.forget(g.idle, maxIdle)
}

// forget drops one of the idle lanes if there are more than most.
func (g *gate) forget(idle map[string]struct{}, most int) {
	if len(idle) <= most {
		return
	}
	for id := range idle {
		delete(idle, id)
		delete(g.lanes, id)
		delete(g.watched, id)
		return
	}
}

func (g *gate) learn(l *lane, r reaction) {
	was := l.standing
	switch r {
	case reactionSuccess:
		l.standing = proven
		l.limit = min(g.most, l.limit+1)
	case reactionAnswer:
		l.standing = proven
	case reactionOverload:
		l.standing = proven
		l.limit = max(1, l.limit/2)
	case reactionSilence:
		l.standing, l.since = bad, time.Now()
		l.limit = max(1, l.limit/2)
	}
	g.count(was, -l.inFlight)
	g.count(l.standing, l.inFlight)
}

// reaction is how an endpoint took an attempt, as far as its lane is concerned.
type reaction int

const (
	reactionNone     reaction = iota // no request was made
	reactionSuccess                  // delivered
	reactionAnswer                   // another answer
	reactionOverload                 // 429, 503: it asks for less
	reactionSilence                  // no answer in time, or no connection
)

// doubt counts strangers that keep silent as bad, until they answer.
func (g *gate) doubt(now time.Time) {
	if g.strangers == 0 {
		return
	}
	for _, l := range g.watched {
		if l.standing == stranger && l.inFlight > 0 && now.Sub(l.since) >= trust {
			g.count(stranger, -l.inFlight)
			l.standing = bad
			g.count(bad, l.inFlight)
		}
	}
}

// doubtful is how long it is until a stranger that keeps silent makes room for one that is held back; false if there is none.
func (g *gate) doubtful() (wait time.Duration, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.held || g.strangers == 0 {
		return 0, false
	}
	now := time.Now()
	for _, l := range g.watched {
		if l.standing != stranger || l.inFlight == 0 {
			continue
		}
		if w := max(0, trust-now.Sub(l.since)); !ok || w < wait {
			wait, ok = w, true
		}
	}
	return wait, ok
}
