package meta

import (
	"bytes"
	"encoding/json"

	"github.com/kirimhooks/kirimhooks/envelope/internal/wire"
)

// Status is what became of a sent message
// (https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/status). Order
// is not guaranteed, and delivered may never come: see [Advance].
type Status struct {
	ID        string    `json:"id"`     // the wamid of the message; Kirim's "msg_…" where it never reached Meta
	Status    string    `json:"status"` // "sent", "delivered", "read", "played", "failed"; an open set
	Timestamp Timestamp `json:"timestamp"`
	// RecipientID is a phone number or a group id; it may be missing where the customer has a user name.
	RecipientID              string        `json:"recipient_id,omitempty"`
	RecipientUserID          string        `json:"recipient_user_id,omitempty"`
	RecipientParentUserID    string        `json:"recipient_parent_user_id,omitempty"`
	RecipientType            string        `json:"recipient_type,omitempty"` // "group"
	RecipientParticipantID   string        `json:"recipient_participant_id,omitempty"`
	RecipientIdentityKeyHash string        `json:"recipient_identity_key_hash,omitempty"`
	BizOpaqueCallbackData    string        `json:"biz_opaque_callback_data,omitempty"` // echo of the send call
	Conversation             *Conversation `json:"conversation,omitempty"`
	Pricing                  *Pricing      `json:"pricing,omitempty"`
	Errors                   []Error       `json:"errors,omitempty"`

	// Raw is the status as it stands in the body.
	Raw json.RawMessage `json:"-"`
}

// Conversation is the window a message was sent in. Newer API versions tell it for free entry points only.
type Conversation struct {
	ID                  string    `json:"id"`
	ExpirationTimestamp Timestamp `json:"expiration_timestamp,omitempty"`
	Origin              *Origin   `json:"origin,omitempty"`
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

var _ = wire.Habit[*Status]("Raw", "id", "recipient_id", "recipient_participant_id")

// UnmarshalJSON fills Raw and takes ids as strings or numbers.
func (s *Status) UnmarshalJSON(b []byte) error {
	type plain Status
	v := struct {
		*plain
		ID                     wire.Loose `json:"id"`
		RecipientID            wire.Loose `json:"recipient_id"`
		RecipientParticipantID wire.Loose `json:"recipient_participant_id"`
	}{plain: (*plain)(s)}
	err := wire.Unmarshal(b, &v)
	s.ID, s.RecipientID = string(v.ID), string(v.RecipientID)
	s.RecipientParticipantID = string(v.RecipientParticipantID)
	s.Raw = bytes.Clone(b)
	return err
}
