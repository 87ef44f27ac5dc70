package meta

// Value is the value of field "messages". Values of other fields that share its shape read too. There Messages and
// Statuses are of the past, or of somebody else's conversations, and Notification's iterators pass them over.
type Value struct {
	MessagingProduct    string               `json:"messaging_product,omitempty"` // "whatsapp"
	Metadata            Metadata             `json:"metadata,omitzero"`
	Contacts            []Contact            `json:"contacts,omitempty"` // the customers; none for system messages
	Messages            []Message            `json:"messages,omitempty"` // what customers wrote
	Statuses            []Status             `json:"statuses,omitempty"` // what became of sent messages
	Errors              []Error              `json:"errors,omitempty"`   // of the system, the app or the account
	ConversationContext *ConversationContext `json:"conversation_context,omitempty"`

	MessageEchoes   []Message        `json:"message_echoes,omitempty"`   // field "smb_message_echoes", by the business
	History         []HistoryChunk   `json:"history,omitempty"`          // field "history"
	Standby         *StandbyValue    `json:"standby,omitempty"`          // field "standby"
	Calls           []Call           `json:"calls,omitempty"`            // field "calls"
	StateSync       []StateSync      `json:"state_sync,omitempty"`       // field "smb_app_state_sync"
	UserPreferences []UserPreference `json:"user_preferences,omitempty"` // field "user_preferences"
	UserIDChanges   []UserIDChange   `json:"user_id_update,omitempty"`   // field "user_id_update"
	Groups          []GroupUpdate    `json:"groups,omitempty"`           // the fields that begin with "group_"
}

// Metadata is the line: the business phone number that received or sent.
type Metadata struct {
	DisplayPhoneNumber string `json:"display_phone_number"` // digits, or formatted by Kirim: "+62 851-0000-0001"
	PhoneNumberID      string `json:"phone_number_id"`
}
