package memstore

import (
	"context"

	"github.com/kirimhooks/kirimhooks/sender"
)

// replays ties a delivery to the one it repeats. Few deliveries are replays, so this stands beside them.
type replays struct {
	origin map[uint32]mark   // replay → what it repeats
	open   map[uint32]uint32 // delivery → its replay, while that is unfinished
}

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

func (r *replays) add(old, replay uint32, seq uint64) {
	r.origin[replay] = mark{seq, old}
	r.open[old] = replay
}

// close notes that a delivery is finished: if it was a replay, another may be made.
func (r *replays) close(ref uint32) {
	if m, ok := r.origin[ref]; ok && r.open[m.ref] == ref {
		delete(r.open, m.ref)
	}
}

func (r *replays) forget(ref uint32) {
	delete(r.origin, ref)
	delete(r.open, ref)
}

// Replay implements [sender.Log].
func (s *Store) Replay(ctx context.Context, q sender.DeliveryQuery) ([]sender.Replayed, error) {
	now, err := s.begin(ctx, "replay")
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	limit := q.Limit
	if limit <= 0 {
		limit = defaultPage
	}
	var made []sender.Replayed
	err = s.each(q, func(old uint32) bool {
		d := s.deliveries.at(old)
		u := s.subscription(d)
		if _, open := s.replays.open[old]; open || d.state == pending || u.gone {
			return true
		}
		ref := s.deliver(d.event, u, d.test, now)
		s.replays.add(old, ref, d.seq)
		s.arrive(ref, now)
		made = append(made, sender.Replayed{Old: s.id(old), New: s.id(ref)})
		return len(made) < limit
	})
	return made, err
}
