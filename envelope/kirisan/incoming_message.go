package kirisan

import (
	"encoding/json"

	"github.com/kirimhooks/kirimhooks/envelope/internal/wire"
)

// IncomingMessage is a message that a customer wrote (https://docs.kirisan.com/docs/webhook/incoming-message).
type IncomingMessage struct {
	Event   string  `json:"event"`
	Device  string  `json:"device"`  // the line or bot that received it
	Channel string  `json:"channel"` // "whatsapp", "telegram", "waba"
	Sender  Sender  `json:"sender"`
	Message Message `json:"message"`
	// Metadata differs by channel: see [IncomingMessage.WhatsApp].
	Metadata   json.RawMessage `json:"metadata,omitempty"`
	Timestamp  Timestamp       `json:"timestamp"`
	Production bool            `json:"production"` // true if the body does not say

	// Cloud is the whole body where it was the flat body of Meta's Cloud API, nil otherwise: the test of a WABA
	// endpoint sends one (https://docs.kirisan.com/docs/dashboard/webhooks/testing). Sender, Message and Timestamp then
	// hold what maps onto them, Device and Event are in the headers only.
	Cloud json.RawMessage `json:"-"`
}

// Sender is who wrote.
type Sender struct {
	Sender string `json:"sender"` // where to reply: a phone number, or a Telegram chat id
	Name   string `json:"name"`
	// Details differ by channel: see [IncomingMessage.WhatsApp].
	Details json.RawMessage `json:"details,omitempty"`
}

// Message is what was written.
type Message struct {
	Type     string    `json:"type"` // "text", "image", "location", "callback", "button_reply"…; an open set
	Text     string    `json:"text"` // the text, caption or callback data
	File     *File     `json:"file,omitempty"`
	Location *Location `json:"location,omitempty"`
	Button   *Button   `json:"button,omitempty"`
}

// File is a file to download.
type File struct {
	URL      string `json:"url"`
	Filename string `json:"filename"`
	Filetype string `json:"filetype"` // "image", "video", "audio", "document"…
	MIMEType string `json:"mime_type,omitempty"`
	FileID   string `json:"file_id,omitempty"` // Telegram's
}

// Button is the choice of a button_reply or list_reply.
type Button struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// WhatsApp is what sender.details and metadata hold on channel whatsapp.
type WhatsApp struct {
	Type        string `json:"type"` // "personal"; an open set
	Sender      string `json:"sender"`
	Pushname    string `json:"pushname"`
	FromMe      bool   `json:"from_me"`
	InboxID     int64  `json:"inboxid"`
	IsGroup     bool   `json:"isgroup"`
	IsForwarded bool   `json:"isforwarded"`
}

// WhatsApp reads the details of the sender and the metadata. ok is false on other channels, and where either does not
// read.
func (m *IncomingMessage) WhatsApp() (w WhatsApp, ok bool) {
	if m.Channel != "whatsapp" || wire.Unmarshal(m.Sender.Details, &w) != nil || wire.Unmarshal(m.Metadata, &w) != nil {
		return WhatsApp{}, false
	}
	return w, true
}

var _ = wire.Habit[*Sender]("", "sender")

// UnmarshalJSON takes sender as a string or a number.
func (s *Sender) UnmarshalJSON(b []byte) error {
	type plain Sender
	v := struct {
		*plain
		Sender wire.Loose `json:"sender"`
	}{plain: (*plain)(s)}
	err := wire.Unmarshal(b, &v)
	s.Sender = string(v.Sender)
	return err
}

func (m IncomingMessage) stamped(event string, production bool, now Timestamp) any {
	m.Event, m.Production = event, production
	if m.Timestamp == 0 {
		m.Timestamp = now
	}
	return m
}

func decodeIncomingMessage(body []byte) (*IncomingMessage, error) {
	m := &IncomingMessage{Production: true}
	if err := decode(body, m); err != nil {
		return nil, err
	}
	if m.Event == "" {
		m.readCloud(body)
	}
	return m, nil
}
