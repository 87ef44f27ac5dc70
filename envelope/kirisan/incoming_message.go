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
	Production bool            `json:"production" wire:"mark"` // true unless the body says false

	// Cloud is the whole body where it was the flat body of Meta's Cloud API, nil otherwise. The test of a WABA
	// endpoint sends one (https://docs.kirisan.com/docs/dashboard/webhooks/testing). Sender, Message and Timestamp then
	// have what maps onto them, Device and Event are in the headers only.
	Cloud json.RawMessage `json:"-"`

	// Err tells of the first member that did not read, by its path; the rest is read. nil if all was.
	Err error `json:"-" wire:"err"`
}

// Sender is who wrote. It reads from text alone too, which is Sender then.
type Sender struct {
	Sender string `json:"sender" wire:"plain"` // where to reply: a phone number, or a Telegram chat id
	Name   string `json:"name"`
	// Details differ by channel: see [IncomingMessage.WhatsApp].
	Details json.RawMessage `json:"details,omitempty"`
}

// Message is what was written. It reads from text alone too, which makes a message of type "text".
type Message struct {
	Type     string    `json:"type"`              // "text", "image", "location", "callback", "button_reply"…; an open set
	Text     string    `json:"text" wire:"plain"` // the text, caption or callback data
	File     *File     `json:"file,omitempty"`
	Location *Location `json:"location,omitempty"`
	Button   *Button   `json:"button,omitempty"`
}

// File is a file to download. It reads from text alone too, which is URL then.
type File struct {
	URL      string `json:"url" wire:"plain"`
	Filename string `json:"filename"`
	Filetype string `json:"filetype"` // "image", "video", "audio", "document"…
	MIMEType string `json:"mime_type,omitempty"`
	FileID   string `json:"file_id,omitempty"` // Telegram's
}

// Button is the choice of a button_reply or list_reply. It reads from text alone too, which is Text then.
type Button struct {
	ID   string `json:"id"`
	Text string `json:"text" wire:"plain"`
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
	if m.Channel != "whatsapp" || wire.Decode(m.Sender.Details, &w) != nil || wire.Decode(m.Metadata, &w) != nil {
		return WhatsApp{}, false
	}
	return w, true
}

var _ = wire.Own(func(m *Message, v wire.Value) error {
	type plain Message
	err := v.Decode((*plain)(m))
	if m.Text != "" && !v.IsObject() {
		m.Type = "text"
	}
	return err
})

func decodeIncomingMessage(body []byte) (*IncomingMessage, error) {
	m, err := decode(body, &IncomingMessage{Production: true})
	if err == nil && m.isCloud() {
		m.readCloud(body)
	}
	return m, err
}
