package memstore

import "github.com/kirimhooks/kirimhooks/sender/driver"

// timers is a 4-ary heap of deliveries by the moment at which a retry falls due or a lease runs out, soonest first.
// Each delivery knows its position, so that a settled one leaves at once. Position 0 is not used.
type timers []timer

type timer struct {
	at       int64
	delivery uint32
}

// next returns the soonest moment.
func (t timers) next() (at int64, ok bool) {
	if len(t) < 2 {
		return 0, false
	}
	return t[1].at, true
}

// start sets the timer of a delivery that has none; first reports that it is now the soonest of all.
func (t *timers) start(ds *slab[delivery], ref uint32, at int64) (first bool) {
	if len(*t) == 0 {
		*t = append(*t, timer{})
	}
	*t = append(*t, timer{})
	return t.up(ds, len(*t)-1, timer{at, ref}) == 1
}

// stop removes the timer of a delivery, if it has one.
func (t *timers) stop(ds *slab[delivery], ref uint32) {
	d := ds.at(ref)
	i := int(d.timer)
	if i == 0 {
		return
	}
	d.timer = 0
	last := len(*t) - 1
	moved := (*t)[last]
	*t = (*t)[:last]
	if i == last {
		return
	}
	if t.up(ds, i, moved) == i {
		t.down(ds, i, moved)
	}
}

// up lets x, whose place is i or above it, rise, and returns where it stands.
func (t timers) up(ds *slab[delivery], i int, x timer) int {
	for i > 1 {
		parent := (i + 2) / 4
		if t[parent].at <= x.at {
			break
		}
		t.set(ds, i, t[parent])
		i = parent
	}
	t.set(ds, i, x)
	return i
}

func (t timers) down(ds *slab[delivery], i int, x timer) {
	for {
		least := 4*i - 2
		if least >= len(t) {
			break
		}
		for child := least + 1; child < min(4*i+2, len(t)); child++ {
			if t[child].at < t[least].at {
				least = child
			}
		}
		if t[least].at >= x.at {
			break
		}
		t.set(ds, i, t[least])
		i = least
	}
	t.set(ds, i, x)
}

func (t timers) set(ds *slab[delivery], i int, x timer) {
	t[i] = x
	ds.at(x.delivery).timer = uint32(i)
}

// advance moves every delivery whose timer has run out into its lane.
func (s *Store) advance(now int64) {
	for {
		at, ok := s.timers.next()
		if !ok || at > now {
			return
		}
		ref := s.timers[1].delivery
		s.timers.stop(&s.deliveries, ref)
		switch d := s.deliveries.at(ref); {
		case s.subscription(d).gone:
			s.cancel(ref, reasonGone, now)
		case d.ending:
			s.lapse(d, now)
			s.cancel(ref, driver.ReasonCancelled, now)
		default:
			s.queue(ref, d)
		}
	}
}
