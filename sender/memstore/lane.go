package memstore

import "github.com/kirimhooks/kirimhooks/sender/driver"

// subscription is a subscription and its lane: the deliveries that wait for it.
type subscription struct {
	org    *org
	ref    uint32
	record *driver.SubscriptionRecord // a version as it was put; claims share it, so it is never changed
	topics []string                   // sorted, each once
	gone   bool                       // deleted; kept for the deliveries that still name it
	goneAt int64

	ready, tests, waiting, flying list // see place

	deliveries int // all that name it, finished ones too

	deads   int // in a row
	failing int64
	minutes minutes

	prev, next *subscription // in the ring; nil outside it
	turn       uint64        // the last turn that looked here
	left       int           // what that turn may still take
	matched    uint64        // the last match that came here
}

func (u *subscription) active() bool { return u.record.Status == driver.StatusActive }

// claimable reports whether Claim would find something here.
func (u *subscription) claimable() bool {
	return !u.gone && (u.tests.n > 0 || u.ready.n > 0 && u.active())
}

// first is the delivery to take next from a subscription that is claimable.
func (u *subscription) first() uint32 {
	if u.tests.n > 0 {
		return u.tests.first
	}
	return u.ready.first
}

// queue puts a delivery that is due, or whose lease ran out, into its lane. A lapsed lease stays with its token until
// somebody takes the delivery over: the holder may only be late.
func (s *Store) queue(ref uint32, d *delivery) {
	if d.test {
		s.move(ref, inTests)
	} else {
		s.move(ref, inReady)
	}
	s.rest(s.subscription(d))
}

// arrive puts a pending delivery where it belongs: into its lane if it is due, else among those that wait. It wakes
// those who could not know of it.
func (s *Store) arrive(ref uint32, now int64) {
	d := s.deliveries.at(ref)
	if d.at <= now {
		s.queue(ref, d)
		s.wakeFor(s.subscription(d))
		return
	}
	s.move(ref, inWaiting)
	if s.timers.start(&s.deliveries, ref, d.at) {
		s.bell.ring()
	}
}

// rest brings the ring up to date with a subscription that changed.
func (s *Store) rest(u *subscription) {
	if in := u.next != nil; in == u.claimable() {
		return
	} else if in {
		s.ring.remove(u)
	} else {
		s.ring.add(u)
	}
}

// wakeFor wakes those who wait for work if the subscription has some.
func (s *Store) wakeFor(u *subscription) {
	if u.claimable() {
		s.bell.ring()
	}
}

// ring holds the subscriptions that have something to claim, in the order in which they are served.
type ring struct {
	head *subscription // whose turn it is
	n    int
}

// add puts u where it is served last.
func (r *ring) add(u *subscription) {
	if r.head == nil {
		r.head, u.prev, u.next = u, u, u
	} else {
		u.prev, u.next = r.head.prev, r.head
		u.prev.next, u.next.prev = u, u
	}
	r.n++
}

func (r *ring) remove(u *subscription) {
	if r.head == u {
		r.head = u.next
	}
	u.prev.next, u.next.prev = u.next, u.prev
	u.prev, u.next = nil, nil
	if r.n--; r.n == 0 {
		r.head = nil
	}
}
