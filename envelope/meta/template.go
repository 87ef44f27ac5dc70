package meta

// Template is the value of the fields that are about message templates, each of which fills some of it:
// message_template_status_update, message_template_quality_update, message_template_components_update and
// template_category_update. See
// https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview.
type Template struct {
	ID       string `json:"message_template_id,omitempty"`
	Name     string `json:"message_template_name,omitempty"`
	Language string `json:"message_template_language,omitempty"` // "en_US"
	Category string `json:"message_template_category,omitempty"` // "MARKETING", "UTILITY", "AUTHENTICATION"

	// Of message_template_status_update.
	Event         string         `json:"event,omitempty"`  // "APPROVED", "REJECTED", "PAUSED"…; an open set
	Reason        string         `json:"reason,omitempty"` // of a rejection; "NONE" for others
	DisableInfo   *DisableInfo   `json:"disable_info,omitempty"`
	OtherInfo     *OtherInfo     `json:"other_info,omitempty"` // of pauses and locks
	RejectionInfo *RejectionInfo `json:"rejection_info,omitempty"`

	// Of message_template_quality_update: "GREEN", "YELLOW", "RED", "UNKNOWN".
	PreviousQualityScore string `json:"previous_quality_score,omitempty"`
	NewQualityScore      string `json:"new_quality_score,omitempty"`

	// Of template_category_update. With CorrectCategory the change is still to come, and NewCategory is today's.
	PreviousCategory        string    `json:"previous_category,omitempty"`
	NewCategory             string    `json:"new_category,omitempty"`
	CorrectCategory         string    `json:"correct_category,omitempty"`
	CategoryUpdateTimestamp Timestamp `json:"category_update_timestamp,omitempty"`

	// Of message_template_components_update.
	Title   string           `json:"message_template_title,omitempty"`
	Element string           `json:"message_template_element,omitempty"` // the text
	Footer  string           `json:"message_template_footer,omitempty"`
	Buttons []TemplateButton `json:"message_template_buttons,omitempty"`
}

// DisableInfo is when a template was disabled.
type DisableInfo struct {
	DisableDate Timestamp `json:"disable_date,omitempty"`
}

// OtherInfo is why a template was paused or locked.
type OtherInfo struct {
	Title       string `json:"title,omitempty"` // "FIRST_PAUSE", "UNPAUSE"…
	Description string `json:"description,omitempty"`
}

// RejectionInfo is what to mend.
type RejectionInfo struct {
	Reason         string `json:"reason,omitempty"`
	Recommendation string `json:"recommendation,omitempty"`
}

// TemplateButton is a button of a template.
type TemplateButton struct {
	Type        string `json:"message_template_button_type,omitempty"`
	Text        string `json:"message_template_button_text,omitempty"`
	URL         string `json:"message_template_button_url,omitempty"`
	PhoneNumber string `json:"message_template_button_phone_number,omitempty"`
}
