package sender

import "time"

// grant is what one claim may take. Its slots are reserved.
type grant struct {
	slots           int
	perSubscription int // for those that quota does not list
	quota           map[string]int
	partial         bool // strangers were left out that may have slots: ask for them next
}

// reserve takes up to most free slots ahead of a claim by the claim loop.
func (g *gate) reserve(most int) grant {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.doubt(time.Now())
	gr := grant{slots: min(most, g.slots()), perSubscription: 1}
	if g.stalled = gr.slots <= 0; g.stalled {
		return grant{}
	}
	// A claim cannot be told how many strangers it may bring in all. So while they cannot have every slot, it is for a few
	// deliveries of any kind, and if these were not all there is, the next is for many of proven lanes alone.
	strangers := g.strangerSlots()
	if g.held = strangers < gr.slots; g.held {
		gr.partial = g.provenNext && strangers > 0
		if gr.partial || strangers == 0 {
			gr.perSubscription = 0
		} else {
			gr.slots = strangers
		}
	}
	clear(g.due)
	gr.quota = g.due
	g.fill(gr)
	g.free -= gr.slots
	for id, l := range g.watched {
		if gr.allows(id) == 0 {
			l.more = true
			g.held = g.held || l.standing == bad
		}
	}
	return gr
}

// reserveFresh is reserve for a publisher, whose new deliveries must not overtake those that wait in the store.
func (g *gate) reserveFresh(most int) grant {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.doubt(time.Now())
	gr := grant{slots: min(most, g.slots(), g.strangerSlots()), perSubscription: 1}
	if gr.slots <= 0 {
		return grant{}
	}
	gr.quota = make(map[string]int, len(g.watched))
	g.fill(gr)
	g.free -= gr.slots
	for id, l := range g.watched {
		if l.more {
			gr.quota[id] = 0
		}
	}
	return gr
}

// slots is how many may be taken: those that are free, unless more outcomes than there are workers are unwritten.
func (g *gate) slots() int { return min(g.free, g.free+g.workers-g.unwritten) }

// strangerSlots is how many slots strangers may still take.
func (g *gate) strangerSlots() int {
	return max(0, min(max(1, g.workers/2)-g.strangers, max(1, g.workers*3/4)-g.strangers-g.bad))
}

// fill lists in a grant what each lane may still get, as far as that differs from the usual. Idle lanes are not worth
// listing: they get their first slot like a stranger and the others right after, unless strangers are left out. It comes
// before the grant takes its slots, which would look scarce otherwise.
func (g *gate) fill(gr grant) {
	usual, lanes := gr.perSubscription, g.watched
	if usual == 0 {
		lanes = g.lanes
	}
	probes := max(1, g.workers/4) - g.bad
	share, most, now := g.share(), g.atOnce(gr.slots), time.Now()
	for id, l := range lanes {
		room := min(most, l.room(share, now))
		switch {
		case l.standing == stranger:
			room = min(room, usual)
		case l.standing == bad && (probes <= 0 || l.inFlight > 0):
			room = 0
		case l.standing == bad:
			room = min(1, l.pace.room(now))
			probes--
		}
		if room != usual {
			gr.quota[id] = room
		}
	}
}

// allows is what a claim under the grant may bring of a subscription.
func (gr *grant) allows(id string) int {
	if n, listed := gr.quota[id]; listed {
		return n
	}
	return gr.perSubscription
}

// room is what a lane may get besides what it has, if no rule over all lanes forbids it.
func (l *lane) room(share int, now time.Time) int {
	return max(0, min(min(l.limit, share)-l.inFlight-len(l.parked), l.pace.room(now)))
}

// atOnce is what one claim may bring of a lane while many have a backlog, lest it is spent on a few of them and the others
// wait for a whole round. It is not one each: what a claim costs the store depends on the lanes that it goes through.
func (g *gate) atOnce(slots int) int {
	return max(2*restart, 2*slots/max(1, g.backlogs()))
}

// backlogs is how many lanes may have more in the store.
func (g *gate) backlogs() int {
	n := 0
	for _, l := range g.watched {
		if l.more {
			n++
		}
	}
	return n
}

// share is what one lane may have in flight while slots are scarce.
func (g *gate) share() int {
	if g.free >= g.workers/4 {
		return g.most
	}
	return max(1, g.workers*3/4/max(1, g.active))
}
