package meta

import "encoding/json"

// HistoryChunk is a part of the synchronised past, in field "history"
// (https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/history/). One body can
// hold thousands of messages. What media showed follows in bodies of its own, as [Value].Messages of the same field.
type HistoryChunk struct {
	Metadata *HistoryMetadata `json:"metadata,omitempty"` // nil beside Errors
	Threads  []HistoryThread  `json:"threads,omitempty"`
	Errors   []Error          `json:"errors,omitempty"` // 2593109: the business does not share its past

	// Err says what of the chunk could not be read, beside what its messages keep themselves.
	Err error `json:"-" wire:"err"`
}

// HistoryMetadata says which part of the past it is. Chunks come in any order.
type HistoryMetadata struct {
	Phase      int `json:"phase"`       // 0: the last day, 1: the last 90 days, 2: the last 180 days
	ChunkOrder int `json:"chunk_order"` // within the phase
	Progress   int `json:"progress"`    // of all, in percent
}

// HistoryThread is the past with one customer, what either side wrote.
type HistoryThread struct {
	ID       string         `json:"id,omitempty"` // a phone number; may be missing where the customer has a user name
	Context  *ThreadContext `json:"context,omitempty"`
	Messages []Message      `json:"messages,omitempty"` // HistoryContext is what became of each
}

// ThreadContext has the ids of a thread's customer.
type ThreadContext struct {
	WaID         string `json:"wa_id,omitempty"`
	UserID       string `json:"user_id,omitempty"`
	ParentUserID string `json:"parent_user_id,omitempty"`
	Username     string `json:"username,omitempty"`
}

// HistoryContext marks a message of the synchronised past.
type HistoryContext struct {
	Status string `json:"status"` // "READ", "DELIVERED"…; an open set
}

// StateSync is a contact that the business added to its phone's address book or took out of it, in field
// "smb_app_state_sync"
// (https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/smb_app_state_sync/).
type StateSync struct {
	Type     string             `json:"type"`   // "contact"; an open set
	Action   string             `json:"action"` // "add" (or edited), "remove"
	Contact  *SyncedContact     `json:"contact,omitempty"`
	Metadata *StateSyncMetadata `json:"metadata,omitempty"`

	// Err says what of it could not be read; Raw is how it stands in the body.
	Err error           `json:"-" wire:"err"`
	Raw json.RawMessage `json:"-" wire:"raw"`
}

// SyncedContact is an entry of an address book. One that was taken out has no names.
type SyncedContact struct {
	FullName     string `json:"full_name,omitempty"`
	FirstName    string `json:"first_name,omitempty"`
	PhoneNumber  string `json:"phone_number,omitempty"`
	UserID       string `json:"user_id,omitempty"`
	ParentUserID string `json:"parent_user_id,omitempty"`
	Username     string `json:"username,omitempty"`
}

// StateSyncMetadata says when.
type StateSyncMetadata struct {
	Timestamp Timestamp `json:"timestamp,omitempty"`
}
