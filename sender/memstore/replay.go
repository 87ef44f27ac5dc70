package memstore

import (
	"context"
	"slices"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// replays ties a delivery to the one it repeats. Few deliveries are replays, so this stands beside them.
type replays struct {
	origin map[uint32]mark      // replay → what it repeats
	of     map[lineage][]uint32 // all replays, the oldest first
}

// lineage is a delivery and all that repeats it, or a replay of it: one event for one subscription. Of those the first
// alone is no replay.
type lineage struct{ event, subscription uint32 }

func (d *delivery) lineage() lineage { return lineage{d.event, d.subscription} }

// mark names a delivery for ever; its reference may be given to another.
type mark struct {
	seq uint64
	ref uint32
}

// from is the id of what a delivery repeats; "" if it is no replay.
func (r *replays) from(ids *ids, ref uint32) string {
	m, ok := r.origin[ref]
	if !ok {
		return ""
	}
	return ids.encode(m.seq, m.ref)
}

func (r *replays) add(old mark, replay uint32, of lineage) {
	r.origin[replay] = old
	r.of[of] = append(r.of[of], replay)
}

func (r *replays) forget(ref uint32, of lineage) {
	if _, ok := r.origin[ref]; !ok {
		return
	}
	delete(r.origin, ref)
	left := slices.DeleteFunc(r.of[of], func(other uint32) bool { return other == ref })
	if r.of[of] = left; len(left) == 0 {
		delete(r.of, of)
	}
}

// replayOf is the newest delivery that repeats d.
func (s *Store) replayOf(d *delivery) (ref uint32, ok bool) {
	for _, ref := range slices.Backward(s.replays.of[d.lineage()]) {
		if s.replays.origin[ref].seq == d.seq {
			return ref, true
		}
	}
	return 0, false
}

// Replay implements [driver.Log].
func (s *Store) Replay(ctx context.Context, r driver.ReplayRequest) ([]driver.Replayed, error) {
	now, err := s.begin(ctx, "replay")
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var made []driver.Replayed
	whole := s.newFilter(&r.DeliveryQuery) // before the cursor too
	err = s.each(r.DeliveryQuery, func(old uint32) bool {
		d := s.deliveries.at(old)
		u := s.subscription(d)
		if d.state == pending || u.gone || s.superseded(d, whole, r.Named) {
			return true
		}
		ref := s.deliver(d.event, u, d.test, now)
		d = s.deliveries.at(old)
		s.replays.add(mark{d.seq, old}, ref, d.lineage())
		s.arrive(ref, now)
		made = append(made, driver.Replayed{Old: s.id(old), New: s.id(ref)})
		return len(made) < limitOf(&r.DeliveryQuery)
	})
	return made, err
}

// superseded reports whether a later delivery stands for d, or its own replay where it was named.
func (s *Store) superseded(d *delivery, whole *filter, named bool) bool {
	if named {
		ref, ok := s.replayOf(d)
		return ok && s.deliveries.at(ref).state == pending
	}
	for _, ref := range slices.Backward(s.replays.of[d.lineage()]) {
		later := s.deliveries.at(ref)
		if later.seq <= d.seq {
			return false
		}
		if later.state == pending || later.state == delivered || s.selects(whole, ref) && s.picks(whole, ref) {
			return true
		}
	}
	return false
}

// picks reports whether a filter names a delivery, or names none at all.
func (s *Store) picks(f *filter, ref uint32) bool {
	return len(f.IDs) == 0 || slices.Contains(f.IDs, s.id(ref))
}
