// Package kirisan holds Kirisan's three payloads and their kinds (https://docs.kirisan.com/docs/webhook/overview).
//
// A payload is the whole body. Kirisan sends it once, so that refusing it is losing it. Reading is therefore lenient:
// text reads from a number, a number from text, and null, "", [] and {} count as absent where they do not fit. What
// still does not fit is left zero and told by the payload's Err.
//
// Fields that a payload does not name are ignored, so that a new one breaks nobody; the bytes stay in the event's Body.
// Kirisan gives its events no id and never sends one twice.
package kirisan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/internal/wire"
)

// Kirisan's kinds.
var (
	IncomingMessageEvent = envelope.NewKind(envelope.Kirisan, TypeIncomingMessage, decodeIncomingMessage)
	SubmissionEvent      = envelope.NewKind(envelope.Kirisan, TypeSubmission, func(body []byte) (*Submission, error) {
		return decode(body, &Submission{Production: true})
	})
	MessageStatusEvent = envelope.NewKind(envelope.Kirisan, TypeMessageStatus, func(body []byte) (*MessageStatus, error) {
		return decode(body, &MessageStatus{Production: true})
	})
)

// NewEvent encodes a copy of payload with the event of k, production true and, where Timestamp is 0, the present
// time. Device and Channel must be set; a MessageStatus without a Channel is of "waba", the only one that has any.
func NewEvent[P Payload](k envelope.Kind[P], payload P) (envelope.Event, error) {
	return newEvent(k, payload, true)
}

// NewTestEvent is [NewEvent] with production false, as Kirisan's Webhooks → Test sends
// (https://docs.kirisan.com/docs/dashboard/webhooks/testing).
func NewTestEvent[P Payload](k envelope.Kind[P], payload P) (envelope.Event, error) {
	return newEvent(k, payload, false)
}

// Payload is what Kirisan delivers.
type Payload interface {
	*IncomingMessage | *Submission | *MessageStatus
}

func newEvent[P Payload](k envelope.Kind[P], payload P, production bool) (envelope.Event, error) {
	if k.Source() != envelope.Kirisan {
		return envelope.Event{}, fmt.Errorf("kirisan: kind %q is of source %q, want %q",
			k.Type(), k.Source(), envelope.Kirisan)
	}
	if payload == nil {
		return envelope.Event{}, fmt.Errorf("kirisan: payload of %q is nil", k.Type())
	}
	body, err := json.Marshal(stamped(payload, k.Type(), production, Timestamp(time.Now().Unix())))
	if err != nil {
		return envelope.Event{}, fmt.Errorf("kirisan: payload of %q: %w", k.Type(), err)
	}
	ev, err := ParseEvent(body)
	switch {
	case err != nil:
		return ev, err
	case ev.Device == "":
		err = fmt.Errorf("kirisan: %w: device is not 1 to %d printable bytes", envelope.ErrMalformed, maxDevice)
		return envelope.Event{}, err
	case ev.Channel == "":
		err = fmt.Errorf("kirisan: %w: channel is not 1 to %d printable bytes", envelope.ErrMalformed, maxName)
		return envelope.Event{}, err
	}
	return ev, nil
}

// stamped is a copy of payload with what NewEvent sets.
func stamped(payload any, event string, production bool, now Timestamp) any {
	switch p := payload.(type) {
	case *IncomingMessage:
		stamped := *p
		stamped.Event, stamped.Production, stamped.Timestamp = event, production, cmp.Or(p.Timestamp, now)
		return stamped
	case *Submission:
		stamped := *p
		stamped.Event, stamped.Production, stamped.Timestamp = event, production, cmp.Or(p.Timestamp, now)
		return stamped
	case *MessageStatus:
		stamped := *p
		stamped.Event, stamped.Production, stamped.Timestamp = event, production, cmp.Or(p.Timestamp, now)
		stamped.Channel = cmp.Or(p.Channel, ChannelWABA)
		return stamped
	}
	return nil // there is no other Payload
}

// ParseEvent reads a whole Kirisan body, which it keeps as it is and does not copy. The event has no ID.
//
// event, device and channel read from a string or a number alike. One that is neither, empty or not printable counts as
// absent. Type or Device is then empty, for the caller to take from X-Kirisan-Event and X-Kirisan-Device.
//
// A body without event and channel is of channel "waba". The test of a WABA endpoint sends the flat body of Meta's
// Cloud API (https://docs.kirisan.com/docs/dashboard/webhooks/testing). Only production false makes a test event: a
// missing mark, or one that is no boolean, counts as live. It fails where [envelope.Scan] does.
func ParseEvent(body []byte) (envelope.Event, error) {
	m, err := envelope.Scan(body)
	if err != nil {
		return envelope.Event{}, err
	}
	ev := envelope.Event{
		Source:    envelope.Kirisan,
		Type:      name(m.Raw("event"), maxName),
		Device:    name(m.Raw("device"), maxDevice),
		Channel:   name(m.Raw("channel"), maxName),
		Test:      string(m.Raw("production")) == "false",
		CreatedAt: timestamp(m.Raw("timestamp")).Time(),
		Body:      body,
	}
	if ev.Type == "" && ev.Channel == "" {
		ev.Channel = ChannelWABA
	}
	return ev, nil
}

const (
	maxName   = 128
	maxDevice = 512
)

// name returns the text of value without the spaces at its ends, "" if it is none that can stand in a header.
func name(value []byte, limit int) string {
	var text wire.Loose
	if len(value) == 0 || text.UnmarshalJSON(value) != nil {
		return ""
	}
	name := strings.TrimSpace(string(text))
	if !wire.Printable(name, limit) {
		return ""
	}
	return name
}

// decode reads body into the payload, and returns it.
func decode[P any](body []byte, into *P) (*P, error) {
	if _, err := envelope.Scan(body); err != nil {
		return nil, err
	}
	if err := wire.Decode(body, into); err != nil {
		return nil, fmt.Errorf("kirisan: %w", err)
	}
	return into, nil
}
