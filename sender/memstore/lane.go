package memstore

import (
	"cmp"
	"container/heap"
	"maps"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

// place is where a delivery stands.
type place uint8

const (
	nowhere  place = iota // new, or finished
	due                   // in its lane; or its lease ran out
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
		return &d.subscription.tests
	default:
		return &d.subscription.due
	}
}

// move takes a delivery from one place to another: since, or until, the moment given.
func (s *Store) move(d *delivery, to place, at time.Time) {
	u := d.subscription
	if q := s.queueOf(d); q != nil {
		heap.Remove(q, d.index)
	}
	delete(u.waiting, d)
	d.place, d.at = to, at
	if to == waiting {
		u.waiting[d] = true
	}
	if q := s.queueOf(d); q != nil {
		heap.Push(q, d)
		s.news = s.news || q == &s.timers && d.index == 0 // nobody foresaw a timer that runs out before all others
	}
	s.rotate(u)
}

// wait puts a pending delivery into its lane if it is due, else among those that wait.
func (s *Store) wait(d *delivery, until, now time.Time) {
	if until.After(now) {
		s.move(d, waiting, until)
	} else {
		s.move(d, due, until)
		s.news = true
	}
}

// advance moves every delivery whose timer has run out into its lane, unless it ends with that. A lapsed lease stays
// with its token until somebody takes the delivery over: the holder may only be late.
func (s *Store) advance(now time.Time) {
	for len(s.timers) > 0 && !s.timers[0].at.After(now) {
		switch d := s.timers[0]; {
		case !d.subscription.gone.IsZero():
			s.cancel(d, reasonGone, now)
		case d.cancelling:
			d.lapse(now)
			s.cancel(d, sender.ReasonCancelled, now)
		default:
			s.move(d, due, d.at)
		}
	}
}

// rotate puts a subscription that has something to claim behind all others. One that has nothing any more stays in the
// rotation until its turn comes.
func (s *Store) rotate(u *subscription) {
	if u.claimable() && !u.rotates {
		u.rotates = true
		s.rotation = append(s.rotation, u)
	}
}

func (u *subscription) claimable() bool {
	return u.gone.IsZero() && (len(u.tests) > 0 || len(u.due) > 0 && u.active())
}

// unclaimed is all that is not in flight, oldest first.
func (u *subscription) unclaimed() []*delivery {
	all := slices.AppendSeq(slices.Concat(u.tests, u.due), maps.Keys(u.waiting))
	slices.SortFunc(all, func(a, b *delivery) int { return cmp.Compare(a.number, b.number) })
	return all
}
