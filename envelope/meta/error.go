package meta

// Error is why something failed
// (https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/).
type Error struct {
	Code      int        `json:"code"`
	Title     string     `json:"title,omitempty"`
	Message   string     `json:"message,omitempty"`
	ErrorData *ErrorData `json:"error_data,omitempty"`
	Href      string     `json:"href,omitempty"`
	Details   string     `json:"details,omitempty"` // older form of ErrorData
	Type      string     `json:"type,omitempty"`
	Subcode   int        `json:"error_subcode,omitempty"`
	FBTraceID string     `json:"fbtrace_id,omitempty"`
}

// ErrorData tells more about an error.
type ErrorData struct {
	Details          string `json:"details,omitempty" wire:"plain"` // also where error_data is text
	MessagingProduct string `json:"messaging_product,omitempty"`
}
