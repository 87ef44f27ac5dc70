package kirisan

import (
	"bytes"
	"cmp"

	"github.com/kirimhooks/kirimhooks/envelope/internal/wire"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
)

// isCloud tells whether a body was a flat one of Meta's: it shows nothing of Kirisan's own. One whose event alone is
// empty is Kirisan's all the same.
func (m *IncomingMessage) isCloud() bool {
	return m.Event == "" && m.Device == "" && m.Channel == "" && m.Sender.Sender == "" && m.Message.Type == ""
}

// readCloud maps a flat body of Meta's Cloud API onto m. Kirisan does not publish which part of Meta's notification its
// WABA test sends. So the whole, the value of a change and a bare message are all taken; of anything else only Cloud is
// set.
func (m *IncomingMessage) readCloud(body []byte) {
	m.Cloud = bytes.Clone(body)
	m.Channel = ChannelWABA
	value, ok := cloudValue(body)
	if !ok {
		return
	}
	msg := value.Messages[0]
	m.Sender = Sender{Sender: cmp.Or(msg.From, msg.FromUserID)}
	if len(value.Contacts) > 0 && value.Contacts[0].Profile != nil {
		m.Sender.Name = value.Contacts[0].Profile.Name
	}
	if at := msg.Timestamp.Time(); !at.IsZero() {
		m.Timestamp = Timestamp(at.Unix())
	}
	m.Message = Message{Type: msg.Type}
	switch {
	case msg.Text != nil:
		m.Message.Text = msg.Text.Body
	case msg.Button != nil:
		m.Message.Text = msg.Button.Text
		m.Message.Button = &Button{ID: msg.Button.Payload, Text: msg.Button.Text}
	case msg.Media() != nil:
		m.Message.Text = msg.Media().Caption
	case msg.Location != nil:
		m.Message.Location = &Location{Latitude: msg.Location.Latitude, Longitude: msg.Location.Longitude}
	}
}

func cloudValue(body []byte) (meta.Value, bool) {
	if n, err := meta.Parse(body); err == nil {
		for _, entry := range n.Entry {
			for _, change := range entry.Changes {
				if len(change.Value.Messages) > 0 {
					return change.Value, true
				}
			}
		}
		return meta.Value{}, false
	}
	// What does not read is left out: the rest of the message is worth having.
	var value meta.Value
	if _ = wire.Decode(body, &value); len(value.Messages) > 0 {
		return value, true
	}
	var msg meta.Message
	if _ = wire.Decode(body, &msg); msg.From != "" || msg.FromUserID != "" {
		return meta.Value{Messages: []meta.Message{msg}}, true
	}
	return meta.Value{}, false
}
