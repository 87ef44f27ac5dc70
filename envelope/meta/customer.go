package meta

import "encoding/json"

// UserPreference says that a customer wants marketing messages or no more of them, in field "user_preferences"
// (https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/user_preferences).
type UserPreference struct {
	WaID         string    `json:"wa_id,omitempty"`
	UserID       string    `json:"user_id,omitempty"`
	ParentUserID string    `json:"parent_user_id,omitempty"`
	Detail       string    `json:"detail,omitempty"`
	Category     string    `json:"category"` // "marketing_messages"; an open set
	Value        string    `json:"value"`    // "stop", "resume"
	Timestamp    Timestamp `json:"timestamp,omitempty"`

	// Err says what of it could not be read; Raw is how it stands in the body.
	Err error           `json:"-" wire:"err"`
	Raw json.RawMessage `json:"-" wire:"raw"`
}

// UserIDChange says that a customer has another business-scoped user id, in field "user_id_update"
// (https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids/).
type UserIDChange struct {
	WaID         string    `json:"wa_id,omitempty"`
	Detail       string    `json:"detail,omitempty"`
	UserID       *IDChange `json:"user_id,omitempty"`
	ParentUserID *IDChange `json:"parent_user_id,omitempty"`
	Timestamp    Timestamp `json:"timestamp,omitempty"`

	// Err says what of it could not be read; Raw is how it stands in the body.
	Err error           `json:"-" wire:"err"`
	Raw json.RawMessage `json:"-" wire:"raw"`
}

// IDChange is an id before and after.
type IDChange struct {
	Previous string `json:"previous,omitempty"`
	Current  string `json:"current,omitempty"`
}
