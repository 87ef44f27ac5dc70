package limiter

import "time"

// Reaction is how an endpoint took an attempt.
type Reaction int

// The reactions.
const (
	NoRequest   Reaction = iota // it was not asked
	Success                     // delivered
	OtherAnswer                 // it answered, but neither so nor with the next
	Overload                    // 429, 503: it asks for less
	NoAnswer                    // none in time, or no connection
)

// Freed is what a slot that has become free means for the next Reserve.
type Freed struct {
	Wanted     bool // its lane may have more to come, or others that a rule left out
	Half       bool // half of all slots are free
	HalfOfLane bool // half of what its lane may have is free, if it is that lane that may have more
}

// Done gives the slot of an item back, and learns from how its endpoint took the attempt. It returns the items that
// may run now instead. The outcome is unwritten until Written.
func (l *Limiter[T]) Done(id string, r Reaction) (run []T, freed Freed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	of := l.lanes[id]
	freed.Wanted = of.backlog || l.leftOut && of.standing != healthy
	l.free++
	l.unwritten++
	l.take(of, -1)
	l.learn(of, r)
	for len(of.parked) > 0 && of.inFlight < of.limit {
		run = append(run, of.parked[0])
		of.parked = of.parked[1:]
		l.take(of, 1)
	}
	freed.Half, freed.HalfOfLane = l.halfFree(), !of.backlog || 2*(of.limit-of.inFlight) >= of.limit
	l.retire(id, of)
	return run, freed
}

func (l *Limiter[T]) learn(of *lane[T], r Reaction) {
	was := of.standing
	switch r {
	case Success:
		of.standing = healthy
		of.limit = min(l.most, of.limit+1)
	case OtherAnswer:
		of.standing = healthy
	case Overload:
		of.standing = healthy
		of.limit = max(1, of.limit/2)
	case NoAnswer:
		of.standing, of.since = failing, time.Now()
		of.limit = max(1, of.limit/2)
	}
	l.count(was, -of.inFlight)
	l.count(of.standing, of.inFlight)
}
