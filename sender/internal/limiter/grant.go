package limiter

import "time"

// Grant is what a claim may bring. Its slots are reserved until it is given to Start, StartFresh or Cancel.
type Grant struct {
	Slots   int            // items in all; 0: none at all
	PerLane int            // items of a lane that Quota does not list
	Quota   map[string]int // items by lane. It is used again: do not keep it
	Partial bool           // unproven lanes that may have slots are left out: reserve for them next
}

// Allows is how many items of a lane a claim may bring.
func (g *Grant) Allows(id string) int {
	if n, listed := g.Quota[id]; listed {
		return n
	}
	return g.PerLane
}

// Reserve reserves up to most free slots for a claim of what is due. Claims of that kind are made one after the other.
func (l *Limiter[T]) Reserve(most int) Grant {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tellSilent(time.Now())
	g := Grant{Slots: min(most, l.open()), PerLane: 1}
	if l.starved = g.Slots <= 0; l.starved {
		return Grant{}
	}
	// A claim cannot be told how many unproven lanes it may bring in all. While they cannot have every slot, it asks
	// for a few items of any lane. If these were not all there is, the next asks for many of healthy lanes alone.
	unproven := l.openToUnproven()
	if l.leftOut = unproven < g.Slots; l.leftOut {
		g.Partial = l.healthyNext && unproven > 0
		if g.Partial || unproven == 0 {
			g.PerLane = 0
		} else {
			g.Slots = unproven
		}
	}
	clear(l.quota)
	g.Quota = l.quota
	l.fill(&g)
	l.free -= g.Slots
	for id, lane := range l.watched {
		if g.Allows(id) == 0 {
			lane.backlog = true
			l.leftOut = l.leftOut || lane.standing == failing
		}
	}
	return g
}

// ReserveFresh is Reserve for items that are being made, and may not overtake those that wait.
func (l *Limiter[T]) ReserveFresh(most int) Grant {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tellSilent(time.Now())
	g := Grant{Slots: min(most, l.open(), l.openToUnproven()), PerLane: 1}
	if g.Slots <= 0 {
		return Grant{}
	}
	g.Quota = make(map[string]int, len(l.watched))
	l.fill(&g)
	l.free -= g.Slots
	for id, lane := range l.watched {
		if lane.backlog {
			g.Quota[id] = 0
		}
	}
	return g
}

// Cancel gives the slots of a grant back.
func (l *Limiter[T]) Cancel(g Grant) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.free += g.Slots
}

// fill lists what each lane may get, as far as that differs from PerLane. Idle lanes are left out: they get one at
// first, like an unproven one, and the others right after. They count only where unproven lanes get none. It comes
// before the slots are reserved, which would look scarce otherwise.
func (l *Limiter[T]) fill(g *Grant) {
	lanes := l.watched
	if g.PerLane == 0 {
		lanes = l.lanes
	}
	probes := l.probes() - l.failing
	share, atOnce, now := l.share(), l.atOnce(g.Slots), time.Now()
	for id, lane := range lanes {
		n := min(atOnce, lane.spare(share, now))
		switch {
		case lane.standing == unproven:
			n = min(n, g.PerLane)
		case lane.standing == failing && (probes <= 0 || lane.inFlight > 0):
			n = 0
		case lane.standing == failing:
			n = min(1, lane.bucket.available(now))
			probes--
		}
		if n != g.PerLane {
			g.Quota[id] = n
		}
	}
}
