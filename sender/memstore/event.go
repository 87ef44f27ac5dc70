package memstore

import (
	"context"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// event is a published event. Claims share what is stored of it, so that never changes.
type event struct {
	driver.StoredEvent
	digest     [32]byte
	deliveries []*delivery // by number
}

// addEvent keeps a copy of the event: callers reuse their buffers once a publish has returned.
func (s *Store) addEvent(p *driver.Publication, wanted bool, now time.Time) *event {
	e := &event{
		StoredEvent: driver.StoredEvent{Org: p.Org, Event: p.Event, PublishedAt: now, Trace: p.Trace},
		digest:      p.Digest,
	}
	e.Event.CreatedAt = p.Event.CreatedAt.UTC()
	e.Event.Body = slices.Clip(slices.Clone(p.Event.Body)) // whoever appends to it must not share the room behind it
	o := s.org(p.Org)
	o.events[p.Event.ID] = e
	if !wanted {
		o.orphans = append(o.orphans, e)
	}
	return e
}

// Event implements [driver.Log].
func (s *Store) Event(ctx context.Context, org, id string) (driver.StoredEvent, error) {
	if _, err := s.begin(ctx, "event"); err != nil {
		return driver.StoredEvent{}, err
	}
	defer s.end()
	if e := s.org(org).events[id]; e != nil {
		return e.StoredEvent, nil
	}
	return driver.StoredEvent{}, notFound("event", org, id)
}
