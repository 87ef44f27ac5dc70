package meta

import "encoding/json"

// GroupUpdate is something that happened to a group, in the fields group_lifecycle_update, group_participants_update,
// group_settings_update and group_status_update
// (https://developers.facebook.com/documentation/business-messaging/whatsapp/groups/webhooks).
type GroupUpdate struct {
	Type      string    `json:"type"` // "group_create", "group_participants_add", "group_suspend"…; an open set
	GroupID   string    `json:"group_id,omitempty"`
	Timestamp Timestamp `json:"timestamp,omitempty"`
	RequestID string    `json:"request_id,omitempty"` // of the call that asked for it

	Subject          string `json:"subject,omitempty"`
	Description      string `json:"description,omitempty"`
	InviteLink       string `json:"invite_link,omitempty"`
	JoinApprovalMode string `json:"join_approval_mode,omitempty"`
	Reason           string `json:"reason,omitempty"`       // "invite_link"; an open set
	InitiatedBy      string `json:"initiated_by,omitempty"` // of a removal: "business", "participant"

	// Of requests to join, with the ids of who asks.
	JoinRequestID string `json:"join_request_id,omitempty"`
	WaID          string `json:"wa_id,omitempty"`
	UserID        string `json:"user_id,omitempty"`
	ParentUserID  string `json:"parent_user_id,omitempty"`
	Username      string `json:"username,omitempty"`

	AddedParticipants   []GroupParticipant `json:"added_participants,omitempty"`
	RemovedParticipants []GroupParticipant `json:"removed_participants,omitempty"`
	FailedParticipants  []GroupParticipant `json:"failed_participants,omitempty"`

	// Of group_settings_update; nil where the setting was not asked to change.
	ProfilePicture   *GroupSetting `json:"profile_picture,omitempty"`
	GroupSubject     *GroupSetting `json:"group_subject,omitempty"`
	GroupDescription *GroupSetting `json:"group_description,omitempty"`

	Errors []Error `json:"errors,omitempty"`

	// Err says what of the update could not be read; Raw is the update as it stands in the body.
	Err error           `json:"-" wire:"err"`
	Raw json.RawMessage `json:"-" wire:"raw"`
}

// GroupParticipant is one of a group.
type GroupParticipant struct {
	Input        string  `json:"input,omitempty"` // the number or user id of the call that asked for it
	WaID         string  `json:"wa_id,omitempty"`
	UserID       string  `json:"user_id,omitempty"`
	ParentUserID string  `json:"parent_user_id,omitempty"`
	Username     string  `json:"username,omitempty"`
	Errors       []Error `json:"errors,omitempty"`
}

// GroupSetting is what became of one setting.
type GroupSetting struct {
	Text             string  `json:"text,omitempty"`      // of subject and description
	MIMEType         string  `json:"mime_type,omitempty"` // of the picture
	SHA256           string  `json:"sha256,omitempty"`    // of the picture
	UpdateSuccessful bool    `json:"update_successful"`
	Errors           []Error `json:"errors,omitempty"`
}
