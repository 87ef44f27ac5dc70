package meta

import (
	"cmp"
	"encoding/json"

	"github.com/kirimhooks/kirimhooks/envelope/internal/wire"
)

// Status is what became of a sent message
// (https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/status). Order
// is not guaranteed, and delivered may never come: see [Advance].
//
// Of another type than a message's it is about something else: a payment that failed is no message that failed. Its
// word is then in Outcome, and Status is empty, which [Advance] ignores. A member that cannot be read is left empty:
// see Err.
type Status struct {
	ID        string    `json:"id"`               // the wamid of the message; Kirim's "msg_…" where it never reached Meta
	Type      string    `json:"type,omitempty"`   // mostly empty; "message", "payment", "call"; an open set
	Status    string    `json:"status,omitempty"` // "sent", "delivered", "read", "played", "failed"; of calls "RINGING"…
	Outcome   string    `json:"-"`                // what "status" says where Type is neither empty, "message" nor "call"
	Timestamp Timestamp `json:"timestamp"`
	// RecipientID is a phone number or a group id; it may be missing where the customer has a user name.
	RecipientID           string `json:"recipient_id,omitempty"`
	RecipientUserID       string `json:"recipient_user_id,omitempty"`
	RecipientParentUserID string `json:"recipient_parent_user_id,omitempty"`
	ParentRecipientUserID string `json:"parent_recipient_user_id,omitempty"` // an older spelling of it
	RecipientType         string `json:"recipient_type,omitempty"`           // "group"
	GroupID               string `json:"group_id,omitempty"`

	// The one of a group whose status it is: see [Status.Participant].
	RecipientParticipantID           string `json:"recipient_participant_id,omitempty"`
	ParticipantRecipientID           string `json:"participant_recipient_id,omitempty"` // another spelling of it
	RecipientParticipantUserID       string `json:"recipient_participant_user_id,omitempty"`
	RecipientParticipantParentUserID string `json:"recipient_participant_parent_user_id,omitempty"`

	From                     string        `json:"from,omitempty"` // of payments: who pays
	RecipientIdentityKeyHash string        `json:"recipient_identity_key_hash,omitempty"`
	BizOpaqueCallbackData    string        `json:"biz_opaque_callback_data,omitempty"` // echo of the send call
	Conversation             *Conversation `json:"conversation,omitempty"`
	Pricing                  *Pricing      `json:"pricing,omitempty"` // in groups also in Conversation
	Payment                  *Payment      `json:"payment,omitempty"` // of type "payment"
	Errors                   []Error       `json:"errors,omitempty"`

	// Err says what of the status could not be read, nil if there is nothing. It quotes nothing of the body.
	Err error `json:"-" wire:"err"`
	// Raw is the status as it stands in the body.
	Raw json.RawMessage `json:"-" wire:"raw"`
}

// Participant returns the one of a group whose status it is, as in [Identity]. It is the phone number, else the user
// id, "" for a status of no group.
func (s *Status) Participant() string {
	return cmp.Or(s.RecipientParticipantID, s.ParticipantRecipientID,
		s.RecipientParticipantUserID, s.RecipientParticipantParentUserID)
}

// Conversation is the window a message was sent in. Newer API versions tell it for free entry points only.
type Conversation struct {
	ID                  string    `json:"id"`
	ExpirationTimestamp Timestamp `json:"expiration_timestamp,omitempty"`
	Origin              *Origin   `json:"origin,omitempty"`
	Pricing             *Pricing  `json:"pricing,omitempty"` // of groups, instead of the status's own
}

// Origin is how a conversation began.
type Origin struct {
	Type string `json:"type"`
}

// Pricing is what a message costs.
type Pricing struct {
	Billable     bool   `json:"billable"`
	PricingModel string `json:"pricing_model,omitempty"` // "PMP"; "CBP" before July 2025
	Type         string `json:"type,omitempty"`          // "regular", "free_customer_service", "free_entry_point"
	Category     string `json:"category,omitempty"`      // "marketing", "utility", "service"…; an open set
}

var _ = wire.Own(readStatus)

func readStatus(s *Status, v wire.Value) error {
	type plain Status
	_ = v.Decode((*plain)(s)) // s.Err has it
	switch s.Type {
	case "", "message", "call":
	default:
		s.Status, s.Outcome = "", s.Status
	}
	return nil
}

// UnmarshalJSON reads b as leniently as [Parse].
func (s *Status) UnmarshalJSON(b []byte) error { return wire.Decode(b, s) }

// MarshalJSON writes Outcome where it was read.
func (s Status) MarshalJSON() ([]byte, error) {
	type plain Status
	s.Status = cmp.Or(s.Status, s.Outcome)
	return json.Marshal(plain(s))
}
