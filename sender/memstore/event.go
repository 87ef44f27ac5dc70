package memstore

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// event is a published event. Claims share what is stored of it, so that never changes.
type event struct {
	driver.StoredEvent
	number     uint64 // later ones have a greater one
	digest     [32]byte
	deliveries []*delivery // by number
}

// addEvent keeps a copy of the event: callers reuse their buffers once a publish has returned.
func (s *Store) addEvent(p *driver.Publication, wanted bool, now time.Time) *event {
	s.lastNumber++
	e := &event{
		number:      s.lastNumber,
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

// Events implements [driver.Log]. It looks at every event of the org.
func (s *Store) Events(ctx context.Context, q driver.EventQuery) (page []driver.StoredEvent, err error) {
	if _, err := s.begin(ctx, "events"); err != nil {
		return nil, err
	}
	defer s.end()
	events := s.org(q.Org).events
	last := events[q.After]
	if q.After != "" && last == nil {
		return nil, notFound("event", q.Org, q.After)
	}
	newest := func(a, b *event) int { return cmp.Compare(b.number, a.number) }
	for _, e := range slices.SortedFunc(maps.Values(events), newest) {
		if (last == nil || e.number < last.number) && selectsEvent(&q, e) {
			listed := e.StoredEvent
			listed.Event.Body = nil
			page = append(page, listed)
		}
		if len(page) == cmp.Or(max(0, q.Limit), defaultPage) {
			break
		}
	}
	return page, nil
}

// selectsEvent compares everything but Org, After and Limit.
func selectsEvent(q *driver.EventQuery, e *event) bool {
	return (q.Source == "" || q.Source == e.Event.Source) &&
		(q.Type == "" || q.Type == e.Event.Type) &&
		(q.Device == "" || q.Device == e.Event.Device) &&
		(q.Channel == "" || q.Channel == e.Event.Channel) &&
		(!q.Undelivered || len(e.deliveries) == 0) &&
		(q.Since.IsZero() || !e.PublishedAt.Before(q.Since)) &&
		(q.Until.IsZero() || e.PublishedAt.Before(q.Until))
}
