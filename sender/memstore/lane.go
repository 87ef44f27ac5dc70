package memstore

import (
	"cmp"
	"container/heap"
	"maps"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

// lane is the unfinished deliveries of one subscription.
type lane struct {
	tests    queue              // due, or their lease ran out; claimed whatever the subscription's status
	due      queue              // the same, for all that is no test
	waiting  map[*delivery]bool // for a retry
	inFlight int
	rotates  bool // the subscription stands in Store.rotation
}

// claimable reports whether Claim would find something here.
func (u *subscription) claimable() bool {
	return !u.gone && (len(u.lane.tests) > 0 || len(u.lane.due) > 0 && u.active())
}

// first is the delivery to take next from a subscription that is claimable.
func (u *subscription) first() *delivery {
	if len(u.lane.tests) > 0 {
		return u.lane.tests[0]
	}
	return u.lane.due[0]
}

// unclaimed is all that is not in flight, oldest first.
func (l *lane) unclaimed() []*delivery {
	all := slices.AppendSeq(slices.Concat(l.tests, l.due), maps.Keys(l.waiting))
	slices.SortFunc(all, func(a, b *delivery) int { return cmp.Compare(a.number, b.number) })
	return all
}

// place is where a delivery stands.
type place uint8

const (
	nowhere  place = iota // new, or finished
	due                   // or its lease ran out
	waiting               // for a retry
	inFlight              // leased
)

// queueOf is the heap that a delivery stands in, nil if in none.
func (s *Store) queueOf(d *delivery) *queue {
	switch {
	case d.place == nowhere:
		return nil
	case d.place != due:
		return &s.timers
	case d.isTest:
		return &d.subscription.lane.tests
	default:
		return &d.subscription.lane.due
	}
}

// move takes a delivery from one place to another: since, or until, the moment given.
func (s *Store) move(d *delivery, to place, at time.Time) {
	l := &d.subscription.lane
	switch d.place {
	case waiting:
		delete(l.waiting, d)
	case inFlight:
		l.inFlight--
	}
	if q := s.queueOf(d); q != nil {
		heap.Remove(q, d.index)
	}
	d.place, d.at = to, at
	switch to {
	case waiting:
		l.waiting[d] = true
	case inFlight:
		l.inFlight++
	}
	if q := s.queueOf(d); q != nil {
		heap.Push(q, d)
	}
	s.rotate(d.subscription)
	if q := s.queueOf(d); q == &s.timers && d.index == 0 {
		s.news = true // no sleeper foresaw a timer that runs out before all others
	}
}

// rotate gives a subscription that has something to claim its place in the rotation, behind all others. One that has
// nothing any more stays there until its turn comes.
func (s *Store) rotate(u *subscription) {
	if u.claimable() && !u.lane.rotates {
		u.lane.rotates = true
		s.rotation = append(s.rotation, u)
	}
}

// wait puts a pending delivery into its lane if it is due, else among those that wait.
func (s *Store) wait(d *delivery, until, now time.Time) {
	if until.After(now) {
		s.move(d, waiting, until)
		return
	}
	s.move(d, due, until)
	s.offer(d.subscription)
}

// offer tells those who sleep of a subscription that has something to claim.
func (s *Store) offer(u *subscription) {
	s.rotate(u)
	s.news = s.news || u.claimable()
}

// advance moves every delivery whose timer has run out into its lane, unless it ends with that. A lapsed lease stays
// with its token until somebody takes the delivery over: the holder may only be late.
func (s *Store) advance(now time.Time) {
	for len(s.timers) > 0 && !s.timers[0].at.After(now) {
		switch d := s.timers[0]; {
		case d.subscription.gone:
			s.cancel(d, reasonGone, now)
		case d.cancelling:
			s.lapse(d, now)
			s.cancel(d, sender.ReasonCancelled, now)
		default:
			s.move(d, due, d.at)
		}
	}
}
