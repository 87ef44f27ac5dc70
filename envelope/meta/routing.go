package meta

import "encoding/json"

// StandbyValue has copies of a conversation that somebody else conducts, such as Meta's Business Agent, in field
// "standby" (https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/standby).
// They are for reading: who answers takes the conversation over.
type StandbyValue struct {
	Contacts      []Contact     `json:"contacts,omitempty"`
	Messages      []Message     `json:"messages,omitempty"` // what customers wrote
	MessageEchoes []StandbyEcho `json:"message_echoes,omitempty"`
	Statuses      []Status      `json:"statuses,omitempty"` // of what the holder sent
}

// StandbyEcho is a message that the holder of the conversation sent.
type StandbyEcho struct {
	ID        string          `json:"id"`
	Timestamp Timestamp       `json:"timestamp,omitempty"`
	Message   json.RawMessage `json:"message,omitempty"`  // the body of the send call
	Template  json.RawMessage `json:"template,omitempty"` // its whole definition, where one was sent
	Flow      json.RawMessage `json:"flow,omitempty"`     // its whole definition, where one was sent

	// Err says what of it could not be read; Raw is how it stands in the body.
	Err error           `json:"-" wire:"err"`
	Raw json.RawMessage `json:"-" wire:"raw"`
}

// Handover is the value of field "messaging_handovers": a conversation was handed to you or taken from you
// (https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messaging-handovers).
type Handover struct {
	MessagingProduct string    `json:"messaging_product,omitempty"` // "whatsapp"
	Type             string    `json:"type"`                        // "control_passed", "control_taken"; an open set
	Timestamp        Timestamp `json:"timestamp,omitempty"`
	Sender           *Party    `json:"sender,omitempty"`         // the customer; may be missing
	Recipient        Metadata  `json:"recipient,omitzero"`       // the line
	ControlPassed    *Control  `json:"control_passed,omitempty"` // you hold the conversation now, and are to answer
	ControlTaken     *Control  `json:"control_taken,omitempty"`  // you do so no more, and must not answer
}

// Party is a customer by their number.
type Party struct {
	PhoneNumber string `json:"phone_number,omitempty"`
	UserID      string `json:"user_id,omitempty"`
}

// Control says who held a conversation and who holds it. Roles are "customer_service", "marketing", "utility", "ctwa",
// "ai_agent", "escalation"; an open set.
type Control struct {
	PreviousOwnerRole    string               `json:"previous_owner_role,omitempty"`
	PreviousOwnerAppID   string               `json:"previous_owner_app_id,omitempty"`
	PreviousOwnerAppRole string               `json:"previous_owner_app_role,omitempty"`
	NewOwnerRole         string               `json:"new_owner_role,omitempty"`
	NewOwnerAppID        string               `json:"new_owner_app_id,omitempty"`
	Metadata             string               `json:"metadata,omitempty"` // free text of who handed it over
	ConversationContext  *ConversationContext `json:"conversation_context,omitempty"`
}

// ConversationContext tells what a conversation was about before it came to you, see
// https://developers.facebook.com/documentation/business-messaging/whatsapp/conversation-routing/conversation-context.
type ConversationContext struct {
	Type    string          `json:"type"`              // "summary"; an open set
	Summary *ContextSummary `json:"summary,omitempty"` // by a model, not to be relied on
}

// ContextSummary is a conversation in a few words.
type ContextSummary struct {
	Text string `json:"text"`
}
