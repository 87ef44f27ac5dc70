package kirisan

// MessageStatus is what became of a sent message, on channel waba only
// (https://docs.kirisan.com/docs/webhook/message-status).
type MessageStatus struct {
	Event      string         `json:"event"`
	Channel    string         `json:"channel"` // "waba"
	Device     string         `json:"device"`
	Recipient  string         `json:"recipient"`  // the customer's phone number
	MessageID  string         `json:"message_id"` // the wamid
	Status     string         `json:"status"`     // "sent", "delivered", "read", "failed"; an open set
	Metadata   StatusMetadata `json:"metadata"`
	Timestamp  Timestamp      `json:"timestamp"`
	Production bool           `json:"production" wire:"mark"` // true unless the body says false

	// Err tells of the first member that did not read, by its path; the rest is read. nil if all was.
	Err error `json:"-" wire:"err"`
}

// StatusMetadata repeats the message and its status and says why it failed.
type StatusMetadata struct {
	MessageID string  `json:"message_id"`
	Status    string  `json:"status"`
	Errors    []Error `json:"errors,omitempty"`
}

// Error is Meta's reason for a failed message
// (https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/). It reads from text alone too, which
// is Message then.
type Error struct {
	Code    int    `json:"code"`
	Title   string `json:"title,omitempty"`
	Message string `json:"message,omitempty" wire:"plain"`
}
