package memstore

import (
	"cmp"
	"container/heap"
	"maps"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// queue is a heap of deliveries for container/heap, the one with the soonest moment first.
type queue []*delivery

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	order := q[i].at.Compare(q[j].at)
	return order < 0 || order == 0 && q[i].number < q[j].number
}
func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}
func (q *queue) Push(x any) {
	x.(*delivery).index = len(*q)
	*q = append(*q, x.(*delivery))
}
func (q *queue) Pop() any {
	last := len(*q) - 1
	d := (*q)[last]
	(*q)[last], *q = nil, (*q)[:last]
	return d
}

// lane is the queue of its subscription that a delivery stands in when it is due, or when its lease ran out.
func (d *delivery) lane() *queue {
	if d.isTest {
		return &d.subscription.tests
	}
	return &d.subscription.due
}

func (d *delivery) inFlight() bool { return d.leased && d.in != d.lane() }

// move takes a delivery out of its queue and puts it into another, nil for none. at is when it is due, when its lease
// ends, or when it finished.
func (s *Store) move(d *delivery, to *queue, at time.Time) {
	u := d.subscription
	if d.in != nil {
		heap.Remove(d.in, d.index)
		delete(u.waiting, d)
	}
	if d.in, d.at = to, at; to != nil {
		heap.Push(to, d)
	}
	if to == &s.timers && !d.leased {
		u.waiting[d] = true
	}
	if to == &s.timers && d.index == 0 {
		s.news = true // nobody foresaw a timer that runs out before all others
	}
	s.rotate(u)
}

// wait puts a pending delivery into its lane if it is due, else among those that wait for a retry.
func (s *Store) wait(d *delivery, until, now time.Time) {
	d.leased = false
	if until.After(now) {
		s.move(d, &s.timers, until)
	} else {
		s.move(d, d.lane(), until)
		s.news = true
	}
}

// advance moves every delivery whose timer has run out into its lane, unless it ends with that. A lapsed lease stays
// with its token until somebody takes the delivery over: the holder may only be late.
func (s *Store) advance(now time.Time) {
	for len(s.timers) > 0 && !s.timers[0].at.After(now) {
		switch d := s.timers[0]; {
		case d.subscription.isGone():
			s.cancel(d, driver.ReasonUnsubscribed, now)
		case d.cancelling:
			d.lapse(now)
			s.cancel(d, driver.ReasonCancelled, now)
		default:
			s.move(d, d.lane(), d.at)
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
	return !u.isGone() && (len(u.tests) > 0 || len(u.due) > 0 && u.active())
}

// unclaimed is all that is not in flight, oldest first.
func (u *subscription) unclaimed() []*delivery {
	return sorted(slices.AppendSeq(slices.Concat(u.tests, u.due), maps.Keys(u.waiting)))
}

// sorted is a list by number.
func sorted(list []*delivery) []*delivery {
	slices.SortFunc(list, func(a, b *delivery) int { return cmp.Compare(a.number, b.number) })
	return list
}
