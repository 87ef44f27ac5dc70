// Package kirim holds the payloads and kinds of Kirim-native events, the ones delivered with X-Kirim-Source: kirim
// (https://developers.kirim.chat/webhooks/events/).
//
// A body is {"id", "type", "created_at", "livemode", "data"}, and the payload of a kind is its data. Payloads name the
// fields the vendor shows. Fields they do not name are ignored, so that a new one breaks nobody. The whole body stays
// in the event's Body, and [NewKind] reads it into a type of your own.
//
// Where a field may be null it is a pointer. Ids are opaque strings, read from a string or a number alike.
//
// Reading is lenient: a member of another JSON type than the vendor shows costs no event. Text reads from a number, a
// number from text, and null, "", [] and {} count as absent where they do not fit. What still does not fit is left zero
// and told by Err.
package kirim

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/internal/wire"
)

// NewKind declares a Kirim-native kind whose payload, the envelope's data, reads into P. It is read as encoding/json
// does, and as leniently as this package reads its own. Use it for event types that are not listed here, or to read a
// listed one into your own type.
//
// A member that does not fit all the same is an error of the kind's Decode, unless P has a field
//
//	Err error `json:"-" wire:"err"`
//
// which then gets the error, and P the rest. So does every struct within P that has such a field.
func NewKind[P any](typ string) envelope.Kind[P] {
	return envelope.NewKind(envelope.Kirim, typ, decode[P])
}

func decode[P any](body []byte) (data P, err error) {
	m, err := envelope.Scan(body)
	if err != nil {
		return data, err
	}
	raw := m.Raw("data")
	if raw == nil || string(raw) == "null" {
		return data, fmt.Errorf("kirim: %w: no data", envelope.ErrMalformed)
	}
	if err := wire.At("data", raw).Decode(&data); err != nil {
		return data, fmt.Errorf("kirim: %w", err)
	}
	return data, nil
}

// NewEvent wraps data in the Kirim envelope with a fresh evt_ id, created now, livemode true. It fails if k is not a
// Kirim-native kind, or data does not encode or is null.
func NewEvent[P any](k envelope.Kind[P], data P) (envelope.Event, error) {
	return newEvent(k, data, true)
}

// NewTestEvent is [NewEvent] with livemode false, which marks an event of a sandbox
// (https://developers.kirim.chat/webhooks/payloads/).
func NewTestEvent[P any](k envelope.Kind[P], data P) (envelope.Event, error) {
	return newEvent(k, data, false)
}

func newEvent[P any](k envelope.Kind[P], data P, live bool) (envelope.Event, error) {
	if k.Source() != envelope.Kirim {
		return envelope.Event{}, fmt.Errorf("kirim: kind %q is of source %q, want %q", k.Type(), k.Source(), envelope.Kirim)
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return envelope.Event{}, fmt.Errorf("kirim: data of %q: %w", k.Type(), err)
	}
	if string(raw) == "null" {
		return envelope.Event{}, fmt.Errorf("kirim: data of %q is null", k.Type())
	}
	body, err := json.Marshal(struct {
		ID        string          `json:"id"`
		Type      string          `json:"type"`
		CreatedAt Time            `json:"created_at"`
		Livemode  bool            `json:"livemode"`
		Data      json.RawMessage `json:"data"`
	}{NewID("evt_"), k.Type(), Time{Time: time.Now()}, live, raw})
	if err != nil {
		return envelope.Event{}, fmt.Errorf("kirim: event of %q: %w", k.Type(), err)
	}
	return ParseEvent(body)
}

// ParseEvent reads a whole Kirim-native body, which it keeps as it is and does not copy.
//
// id must be 1 to 255 printable ASCII bytes and type 1 to 128. Neither may have a space at an end, since both travel in
// header fields too. Only livemode false makes a test event: a missing mark, or one that is no boolean, counts as live.
// A created_at that is not RFC 3339 leaves CreatedAt zero. Errors wrap [envelope.ErrMalformed].
func ParseEvent(body []byte) (envelope.Event, error) {
	m, err := envelope.Scan(body)
	if err != nil {
		return envelope.Event{}, err
	}
	return EventOf(&m, body)
}

// EventOf is [ParseEvent] for a body that was scanned already: m are its members.
func EventOf(m *envelope.Members, body []byte) (envelope.Event, error) {
	id, ok := wire.PrintableText(m.Raw("id"), 255)
	if !ok {
		return envelope.Event{}, fmt.Errorf("kirim: %w: id is not 1 to 255 printable bytes", envelope.ErrMalformed)
	}
	typ, ok := wire.PrintableText(m.Raw("type"), 128)
	if !ok {
		return envelope.Event{}, fmt.Errorf("kirim: %w: type is not 1 to 128 printable bytes", envelope.ErrMalformed)
	}
	created, _ := wire.Text(m.Raw("created_at"))
	return envelope.Event{
		ID:        id,
		Source:    envelope.Kirim,
		Type:      typ,
		Test:      string(m.Raw("livemode")) == "false",
		CreatedAt: parseTime(created),
		Body:      body,
	}, nil
}
