package limiter

import (
	"fmt"
	"time"
)

// Why says, for a person, what keeps the next item of a lane from a slot; "" if nothing does. It changes nothing.
func (l *Limiter[T]) Why(id string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if l.free > 0 && l.open() <= 0 {
		return fmt.Sprintf("%d outcomes are not written: the store is slow or in trouble", l.unwritten)
	}
	of := l.lanes[id]
	if of == nil {
		of = &lane[T]{limit: 1}
	}
	bucket := of.bucket // a copy: to ask it counts its tokens
	switch wait := bucket.wait(now); {
	case of.silent(now) && of.inFlight > 0:
		return "its endpoint does not answer and gets one request at a time, which is under way"
	case wait > 0:
		return fmt.Sprintf("its rate is %v attempts a second, and the next may begin in %v",
			bucket.rate, wait.Round(time.Millisecond))
	case of.silent(now) && l.failing >= l.probes():
		return fmt.Sprintf("its endpoint does not answer, and all slots of such endpoints, %d, are taken", l.failing)
	case l.inFlight() == l.slots:
		return fmt.Sprintf("all %d are taken", l.slots)
	case of.standing == unproven && l.leftOut && l.openToUnproven() == 0:
		return "its endpoint has not answered yet, and the slots of such endpoints are taken"
	case of.inFlight > 0 && of.inFlight >= min(of.limit, l.share()):
		return fmt.Sprintf("its endpoint has %d requests at once, as many as it may get now", of.inFlight)
	}
	return ""
}

// inFlight is how many slots have an attempt; those reserved for a claim that is under way have none yet.
func (l *Limiter[T]) inFlight() int {
	n := 0
	for _, of := range l.watched {
		n += of.inFlight
	}
	return n
}
