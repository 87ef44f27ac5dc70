package kirim

// Kinds about conversations (https://developers.kirim.chat/webhooks/events/).
var (
	ConversationAssigned = NewKind[ConversationData](TypeConversationAssigned)
	ConversationClosed   = NewKind[ConversationData](TypeConversationClosed)
)

// ConversationData is the data of both conversation events.
type ConversationData struct {
	Conversation Conversation `json:"conversation"`
	// Assignee is there for conversation.assigned only.
	Assignee *Assignee `json:"assignee,omitempty"`

	// Err tells of the first member that did not read, by its path; the rest is read. nil if all was.
	Err error `json:"-" wire:"err"`
}

// Conversation is a thread with one contact.
type Conversation struct {
	ID     string `json:"id"`     // "cnv_…"
	Object string `json:"object"` // "conversation"
	Status string `json:"status"` // "open", "pending", "resolved"; an open set
	// ClosedByUserID is there for conversation.closed only.
	ClosedByUserID *string `json:"closed_by_user_id,omitempty"`
}

// Assignee is who looks after a conversation now, and who did before.
type Assignee struct {
	UserID         *string `json:"user_id"`          // nil when the assignment was cleared
	TeamID         *string `json:"team_id"`          // may be empty
	PreviousUserID *string `json:"previous_user_id"` // nil at the first assignment
}
