package memstore

import (
	"container/heap"
	"context"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

// event is a published event. Claims share what is stored of it, so that never changes.
type event struct {
	sender.StoredEvent
	digest     [32]byte
	deliveries history
}

// addEvent keeps a copy of the event: callers reuse their buffers once a publish has returned.
func (s *Store) addEvent(o *org, p *sender.Publication, now time.Time) *event {
	e := &event{
		StoredEvent: sender.StoredEvent{Org: p.Org, Event: p.Event, PublishedAt: now, Trace: p.Trace},
		digest:      p.Digest,
	}
	e.Event.CreatedAt = p.Event.CreatedAt.UTC()
	e.Event.Body = slices.Clip(slices.Clone(p.Event.Body)) // whoever appends to it must not share the room behind it
	o.events[p.Event.ID] = e
	s.keep(o)
	return e
}

// orphan marks an event that has no delivery to be forgotten in its time.
func (s *Store) orphan(e *event) { heap.Push(&s.orphans, e) }

// forgetOrphan removes the event without deliveries that was published first, if that was no later than the moment given.
func (s *Store) forgetOrphan(published time.Time) bool {
	if len(s.orphans) == 0 || s.orphans[0].PublishedAt.After(published) {
		return false
	}
	e := heap.Pop(&s.orphans).(*event)
	o := s.org(e.Org)
	delete(o.events, e.Event.ID)
	s.keep(o)
	return true
}

// Event implements [sender.Log].
func (s *Store) Event(ctx context.Context, org, id string) (sender.StoredEvent, error) {
	if _, err := s.begin(ctx, "event"); err != nil {
		return sender.StoredEvent{}, err
	}
	defer s.end()
	if e := s.org(org).events[id]; e != nil {
		return e.StoredEvent, nil
	}
	return sender.StoredEvent{}, notFound("event", org, id)
}
