package sender

import (
	"fmt"
	"time"
)

// why says what keeps the next delivery of a subscription from a slot; "" if nothing that this process knows of. It
// changes nothing.
func (g *gate) why(id string, now time.Time) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.free > 0 && g.slots() <= 0 {
		return fmt.Sprintf("waits for the store, which is in trouble: %d outcomes are not written", g.unwritten)
	}
	l := g.lanes[id]
	if l == nil {
		l = &lane{limit: 1}
	}
	pace := l.pace // its own copy: to ask it counts up its tokens
	switch wait := pace.wait(now); {
	case l.silent(now) && l.inFlight > 0:
		return "waits for a slot: its endpoint does not answer and gets one request at a time, which is under way"
	case wait > 0:
		return fmt.Sprintf("waits for its rate, %v attempts a second: the next may begin in %v", pace.rate, wait.Round(time.Millisecond))
	case l.silent(now) && g.bad >= max(1, g.workers/4):
		return fmt.Sprintf("waits for a slot: its endpoint does not answer, and all slots of such endpoints, %d, are taken", g.bad)
	case g.busy() == g.workers:
		return fmt.Sprintf("waits for a slot: all %d workers are busy", g.workers)
	case l.standing == stranger && g.held && g.strangerSlots() == 0:
		return "waits for a slot: its endpoint has not answered yet, and the slots of such endpoints are taken"
	case l.inFlight > 0 && l.inFlight >= min(l.limit, g.share()):
		return fmt.Sprintf("waits for a slot: its endpoint has %d requests at once, as many as it may get now", l.inFlight)
	}
	return ""
}

// busy is how many slots have an attempt; those reserved for a claim that is under way have none yet.
func (g *gate) busy() int {
	n := 0
	for _, l := range g.watched {
		n += l.inFlight
	}
	return n
}

// silent reports that the endpoint last gave no answer, or has kept the first request waiting too long.
func (l *lane) silent(now time.Time) bool {
	return l.standing == bad || l.standing == stranger && l.inFlight > 0 && now.Sub(l.since) >= trust
}
