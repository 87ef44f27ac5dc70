package kirim

// Kinds about messages (https://developers.kirim.chat/webhooks/events/). Messages that customers write, and the
// receipts of sent ones, come as Meta's own bodies: see [github.com/kirimhooks/kirimhooks/envelope/meta].
var (
	MessageCreated = NewKind[MessageData](TypeMessageCreated) // an outbound message was queued
	MessageSent    = NewKind[MessageData](TypeMessageSent)    // it left, and has its wamid
	MessageEdited  = NewKind[MessageData](TypeMessageEdited)
	MessageRevoked = NewKind[MessageData](TypeMessageRevoked)
)

// MessageData is the data of the message events. Only message.sent is published in full; the others show Message and
// leave the rest zero.
type MessageData struct {
	// Session is the phone number id of the sending line.
	Session string          `json:"session,omitempty"`
	Message Message         `json:"message"`
	Contact *MessageContact `json:"contact,omitempty"`
	Meta    *MessageMeta    `json:"meta,omitempty"`
	// Timestamp is when the message was sent.
	Timestamp Time `json:"timestamp,omitzero"`

	// Err tells of the first member that did not read, by its path; the rest is read. nil if all was.
	Err error `json:"-" wire:"err"`
}

// Message is an outbound message.
type Message struct {
	ID             string           `json:"id"` // "msg_…", as the send call returned it
	Object         string           `json:"object,omitempty"`
	ProviderID     string           `json:"provider_id,omitempty"` // the wamid
	Status         string           `json:"status,omitempty"`
	Direction      string           `json:"direction,omitempty"`
	To             string           `json:"to,omitempty"` // E.164 with +
	Type           string           `json:"type,omitempty"`
	Content        string           `json:"content,omitempty"` // the text, in message.created
	Body           string           `json:"body,omitempty"`    // the text, in message.sent
	Source         string           `json:"source,omitempty"`  // "api", "dashboard", "app"; an open set
	Template       *MessageTemplate `json:"template,omitempty"`
	TemplateName   string           `json:"template_name,omitempty"`
	ConversationID string           `json:"conversation_id,omitempty"`
	CreatedAt      Time             `json:"created_at,omitzero"`
}

// MessageTemplate names the template a message was made from.
type MessageTemplate struct {
	Name string `json:"name"`
}

// MessageContact is whom a message went to.
type MessageContact struct {
	PhoneNumber string `json:"phone_number"` // E.164 with +
}

// MessageMeta is which line a message went out on.
type MessageMeta struct {
	PhoneNumberID string `json:"phone_number_id"`
}
