package memstore

import "github.com/kirimhooks/kirimhooks/sender/driver"

// delivery is one driver.Delivery without a pointer: what it shares with others stands with its event and its
// subscription.
type delivery struct {
	seq     uint64 // never used twice; later ones are greater
	created int64
	at      int64  // pending: when due, in flight: when the lease ends, finished: when that was
	token   uint64 // of the last lease

	event, subscription uint32
	newer, older        uint32 // in the log of its org
	later, earlier      uint32 // among the deliveries of its event
	prev, next          uint32 // in the list that place names
	timer               uint32 // position in Store.timers; 0 = none
	lastAttempt         uint32 // its next is the first
	reason              uint32 // text

	attempt uint32 // attempts that had a result
	lapses  uint16
	state   state
	place   place
	leased  bool // token holds it, if perhaps past its lease
	test    bool
	ending  bool // it was in flight when Cancel came, and ends with that lease
}

type state uint8

const (
	pending state = iota
	delivered
	dead
	cancelled
)

var stateNames = [...]driver.State{driver.StatePending, driver.StateDelivered, driver.StateDead, driver.StateCancelled}

// stateOf is the inverse of stateNames; false for a state that cannot be settled.
func stateOf(name driver.State) (state, bool) {
	for i, n := range stateNames {
		if n == name {
			return state(i), true
		}
	}
	return 0, false
}

// place is the list that a delivery stands in.
type place uint8

const (
	nowhere       place = iota // new
	inReady                    // due, or its lease ran out
	inTests                    // the same, for tests: they are claimed whatever the subscription's status
	inWaiting                  // for a retry
	inFlight                   // leased
	amongFinished              // ended
)

// list is a queue of deliveries linked through themselves.
type list struct {
	first, last uint32
	n           int
}

func (s *Store) listOf(d *delivery) *list {
	switch d.place {
	case inReady:
		return &s.subscription(d).ready
	case inTests:
		return &s.subscription(d).tests
	case inWaiting:
		return &s.subscription(d).waiting
	case inFlight:
		return &s.subscription(d).flying
	case amongFinished:
		return &s.finished
	}
	return nil
}

// move takes a delivery out of the list it stands in and puts it at the end of another.
func (s *Store) move(ref uint32, to place) {
	d := s.deliveries.at(ref)
	if l := s.listOf(d); l != nil {
		if d.prev != 0 {
			s.deliveries.at(d.prev).next = d.next
		} else {
			l.first = d.next
		}
		if d.next != 0 {
			s.deliveries.at(d.next).prev = d.prev
		} else {
			l.last = d.prev
		}
		l.n--
	}
	d.prev, d.next, d.place = 0, 0, to
	if l := s.listOf(d); l != nil {
		d.prev = l.last
		if l.last != 0 {
			s.deliveries.at(l.last).next = ref
		} else {
			l.first = ref
		}
		l.last = ref
		l.n++
	}
}

func (s *Store) subscription(d *delivery) *subscription { return *s.subscriptions.at(d.subscription) }

// deliver makes a delivery, due at once, and puts it into the log. The caller leases it or calls arrive.
func (s *Store) deliver(event uint32, sub *subscription, test bool, now int64) uint32 {
	ref := s.deliveries.add()
	d, e := s.deliveries.at(ref), s.events.at(event)
	*d = delivery{seq: s.ids.next(), created: now, at: now, event: event, subscription: sub.ref, test: test}

	d.older, sub.org.newest = sub.org.newest, ref
	if d.older != 0 {
		s.deliveries.at(d.older).newer = ref
	}
	d.earlier, e.latest = e.latest, ref
	if d.earlier != 0 {
		s.deliveries.at(d.earlier).later = ref
	}
	sub.deliveries++
	return ref
}

// finish ends a delivery.
func (s *Store) finish(ref uint32, as state, reason string, now int64) {
	d := s.deliveries.at(ref)
	s.timers.stop(&s.deliveries, ref)
	s.move(ref, amongFinished)
	s.rest(s.subscription(d))
	d.state, d.at, d.leased = as, now, false
	s.setReason(d, reason)
	if as == dead {
		s.subscription(d).org.dead++
	}
}

// cancel ends a delivery whose holder, if it has one, is not asked. Whoever still holds its token comes too late: the attempt is logged
// and changes nothing.
func (s *Store) cancel(ref uint32, reason string, now int64) {
	s.finish(ref, cancelled, reason, now)
	s.deliveries.at(ref).token = 0
}

func (s *Store) setReason(d *delivery, reason string) {
	old := d.reason
	d.reason = s.texts.hold(legible(reason))
	s.texts.drop(old)
}

// forget removes a finished delivery and its attempts.
func (s *Store) forget(ref uint32) {
	d := s.deliveries.at(ref)
	s.move(ref, nowhere)
	e, sub := s.events.at(d.event), s.subscription(d)
	if d.newer != 0 {
		s.deliveries.at(d.newer).older = d.older
	} else {
		sub.org.newest = d.older
	}
	if d.older != 0 {
		s.deliveries.at(d.older).newer = d.newer
	}
	if d.later != 0 {
		s.deliveries.at(d.later).earlier = d.earlier
	} else {
		e.latest = d.earlier
	}
	if d.earlier != 0 {
		s.deliveries.at(d.earlier).later = d.later
	}
	if d.state == dead {
		sub.org.dead--
	}
	if e.latest == 0 {
		s.orphans.add(d.event, e.published)
	}
	s.forgetAttempts(d)
	s.texts.drop(d.reason)
	s.replays.forget(ref, d.lineage())
	if sub.deliveries--; sub.gone && sub.deliveries == 0 {
		s.subscriptions.remove(sub.ref)
	}
	s.deliveries.remove(ref)
}
