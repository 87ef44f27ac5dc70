package limiter

import "time"

const (
	silentAfter = time.Second // how long an unproven endpoint may be silent before it counts as failing
	idleLimit   = 4           // the limit of a healthy lane that was idle
	maxBacklogs = 500         // backlogs; with more, those that a full claim did not come to are taken for none
)

// open is how many slots may be reserved: the free ones, unless too many outcomes are unwritten.
func (l *Limiter[T]) open() int { return min(l.free, l.free+l.slots-l.unwritten) }

// openToUnproven is how many slots unproven lanes may still take.
func (l *Limiter[T]) openToUnproven() int {
	return max(0, min(max(1, l.slots/2)-l.unproven, max(1, l.slots*3/4)-l.unproven-l.failing))
}

// probes is how many slots failing lanes may have.
func (l *Limiter[T]) probes() int { return max(1, l.slots/4) }

// share is what one lane may have in flight; less than the bound while slots are scarce.
func (l *Limiter[T]) share() int {
	if l.free >= l.slots/4 {
		return l.most
	}
	return max(1, l.slots*3/4/max(1, l.active))
}

// atOnce is what one claim may bring of a lane. With many backlogs it is little, or a few of them would use the claim
// up and the others wait for a whole round. It is not one each: a claim costs more the more lanes it goes through.
func (l *Limiter[T]) atOnce(slots int) int {
	return max(2*idleLimit, 2*slots/max(1, l.backlogs()))
}

// backlogs is how many lanes may have more to come.
func (l *Limiter[T]) backlogs() int {
	n := 0
	for _, lane := range l.watched {
		if lane.backlog {
			n++
		}
	}
	return n
}

// tellSilent counts unproven endpoints that are silent for too long as failing, until they answer.
func (l *Limiter[T]) tellSilent(now time.Time) {
	if l.unproven == 0 {
		return
	}
	for _, lane := range l.watched {
		if lane.standing == unproven && lane.silent(now) {
			l.count(unproven, -lane.inFlight)
			lane.standing = failing
			l.count(failing, lane.inFlight)
		}
	}
}

// Wait is how long until time alone lets a lane have more, false if it never does. A bucket fills, or an unproven
// endpoint that is silent makes way for another.
func (l *Limiter[T]) Wait() (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	sooner := func(w time.Duration) {
		if !ok || w < wait {
			wait, ok = w, true
		}
	}
	for _, lane := range l.watched {
		if lane.backlog && lane.bucket.available(now) == 0 {
			sooner(lane.bucket.wait(now))
		}
		if l.leftOut && lane.standing == unproven && lane.inFlight > 0 {
			sooner(max(0, silentAfter-now.Sub(lane.since)))
		}
	}
	return wait, ok
}
