package memstore

import (
	"context"
	"hash/maphash"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// event is a published event without a pointer.
type event struct {
	digest    [32]byte
	published int64
	seconds   int64 // Event.CreatedAt
	nanos     int32
	bytes     span // id, trace and body
	idLen     uint32
	traceLen  uint32
	org       uint32
	latest    uint32 // its newest delivery; delivery.earlier leads on
	twin      uint32 // another event of the org whose id has the same hash

	source, eventType, device, channel uint32 // texts

	test bool
}

// identities leads from the hash of an id to the events of one org that have it. It is tempting to make the id itself the
// key, but then the garbage collector would look at each of them.
type identities map[uint64]uint32

func (s *Store) hash(id string) uint64 { return maphash.String(s.seed, id) & s.hashMask }

func (s *Store) eventID(e *event) []byte { return s.bytes.get(e.bytes)[:e.idLen] }

// known returns the event of an org that has this id.
func (s *Store) known(o *org, id string) (ref uint32, ok bool) {
	for ref = o.events[s.hash(id)]; ref != 0; ref = s.events.at(ref).twin {
		if string(s.eventID(s.events.at(ref))) == id {
			return ref, true
		}
	}
	return 0, false
}

// addEvent keeps a copy of the event: callers reuse their buffers once a publish has returned.
func (s *Store) addEvent(o *org, p *driver.Publication, now int64) uint32 {
	ref := s.events.add()
	hash := s.hash(p.Event.ID)
	*s.events.at(ref) = event{
		digest: p.Digest, published: now, seconds: p.Event.CreatedAt.Unix(), nanos: int32(p.Event.CreatedAt.Nanosecond()),
		bytes: s.bytes.put(p.Event.ID, p.Trace, p.Event.Body), idLen: uint32(len(p.Event.ID)), traceLen: uint32(len(p.Trace)),
		twin: o.events[hash], test: p.Event.Test,
		source: s.texts.hold(string(p.Event.Source)), eventType: s.texts.hold(p.Event.Type),
		device: s.texts.hold(p.Event.Device), channel: s.texts.hold(p.Event.Channel),
	}
	o.events[hash] = ref
	s.keep(o)
	s.events.at(ref).org = o.ref
	return ref
}

// forgetEvent removes an event that has no deliveries.
func (s *Store) forgetEvent(ref uint32) {
	e := s.events.at(ref)
	o := *s.tenants.at(e.org)
	hash := s.hash(string(s.eventID(e)))
	if first := o.events[hash]; first != ref {
		before := s.events.at(first)
		for before.twin != ref {
			before = s.events.at(before.twin)
		}
		before.twin = e.twin
	} else if e.twin != 0 {
		o.events[hash] = e.twin
	} else {
		delete(o.events, hash)
	}
	for _, text := range []uint32{e.source, e.eventType, e.device, e.channel} {
		s.texts.drop(text)
	}
	s.bytes.drop(e.bytes)
	s.events.remove(ref)
	s.keep(o)
}

// stored is the event as it was published. Its body is shared with every other caller.
func (s *Store) stored(ref uint32) *driver.StoredEvent {
	e := s.events.at(ref)
	bytes := s.bytes.get(e.bytes)
	body := e.idLen + e.traceLen
	return &driver.StoredEvent{
		Org: (*s.tenants.at(e.org)).name,
		Event: envelope.Event{
			ID:        string(bytes[:e.idLen]),
			Source:    envelope.Source(s.texts.get(e.source)),
			Type:      s.texts.get(e.eventType),
			Device:    s.texts.get(e.device),
			Channel:   s.texts.get(e.channel),
			Test:      e.test,
			CreatedAt: time.Unix(e.seconds, int64(e.nanos)).UTC(),
			Body:      bytes[body:],
		},
		PublishedAt: s.instant(e.published),
		Trace:       string(bytes[e.idLen:body]),
	}
}

// Event implements [driver.Log].
func (s *Store) Event(ctx context.Context, org, id string) (driver.StoredEvent, error) {
	if _, err := s.begin(ctx, "event"); err != nil {
		return driver.StoredEvent{}, err
	}
	defer s.mu.Unlock()
	if ref, ok := s.known(s.org(org), id); ok {
		return *s.stored(ref), nil
	}
	return driver.StoredEvent{}, notFound("event", org, id)
}
