package meta

// Enrichment is the top-level "kirim" object that kirim.dev adds to Meta's bodies. It takes no part in [Identity].
type Enrichment struct {
	Contact        *EnrichmentContact `json:"contact,omitempty"`
	MessageID      string             `json:"message_id,omitempty"`      // "msg_…"
	ConversationID string             `json:"conversation_id,omitempty"` // "cnv_…"
	PhoneNumberID  string             `json:"phone_number_id,omitempty"`
	MediaURL       string             `json:"media_url,omitempty"`    // empty until MediaStatus is "ready"
	MediaStatus    string             `json:"media_status,omitempty"` // "pending", "ready"; an open set
	DeliveryID     string             `json:"delivery_id,omitempty"`  // "wbd_…"
}

// EnrichmentContact is the customer as Kirim knows them.
type EnrichmentContact struct {
	Name        string `json:"name,omitempty"`
	PhoneNumber string `json:"phone_number,omitempty"` // E.164 with +
}
