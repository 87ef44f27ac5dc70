package sender

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/kirimhooks/kirimhooks/internal/samples"
)

// sampleKirim makes a native event with livemode false, or a Meta notification, each under an id of its own: a second
// test must not be taken for the first.
func sampleKirim(eventType string, _ Device) (envelope.Event, error) {
	for _, source := range []envelope.Source{envelope.Kirim, envelope.Meta} {
		for _, known := range samples.Types(source) {
			if !covers(eventType, known) {
				continue
			}
			body, _ := samples.Body(source, known, "")
			if source == envelope.Meta {
				return sampleMeta(body)
			}
			data, err := kirim.NewKind[json.RawMessage](known).Decode(body)
			if err != nil {
				return envelope.Event{}, err
			}
			return kirim.NewTestEvent(kirim.NewKind[json.RawMessage](known), data)
		}
	}
	return envelope.Event{}, fmt.Errorf("there is no sample of %q; name another type", eventType)
}

// sampleMeta gives a notification a fresh message id.
func sampleMeta(body []byte) (envelope.Event, error) {
	n, err := meta.Parse(body)
	if err != nil {
		return envelope.Event{}, err
	}
	for _, m := range n.Messages() {
		body = bytes.ReplaceAll(body, []byte(m.ID), []byte(kirim.NewID("wamid.TEST")))
	}
	for _, s := range n.Statuses() {
		body = bytes.ReplaceAll(body, []byte(s.ID), []byte(kirim.NewID("wamid.TEST")))
	}
	return meta.NewEvent(body)
}

// sampleKirisan makes an event of d with production false.
func sampleKirisan(eventType string, d Device) (envelope.Event, error) {
	body, ok := samples.Body(envelope.Kirisan, eventType, d.Channel)
	if !ok {
		return envelope.Event{}, fmt.Errorf("there is no sample of %q on %q; name another type", eventType, d.Channel)
	}
	switch eventType {
	case kirisan.SubmissionEvent.Type():
		return sampleOf(kirisan.SubmissionEvent, body, func(p *kirisan.Submission) { p.Device, p.Timestamp = d.ID, 0 })
	case kirisan.MessageStatusEvent.Type():
		return sampleOf(kirisan.MessageStatusEvent, body, func(p *kirisan.MessageStatus) { p.Device, p.Timestamp = d.ID, 0 })
	default:
		return sampleOf(kirisan.IncomingMessageEvent, body, func(p *kirisan.IncomingMessage) { p.Device, p.Timestamp = d.ID, 0 })
	}
}

func sampleOf[P interface {
	*kirisan.IncomingMessage | *kirisan.Submission | *kirisan.MessageStatus
}](k envelope.Kind[P], body []byte, address func(P)) (envelope.Event, error) {
	payload, err := k.Decode(body)
	if err != nil {
		return envelope.Event{}, err
	}
	address(payload)
	return kirisan.NewTestEvent(k, payload)
}
