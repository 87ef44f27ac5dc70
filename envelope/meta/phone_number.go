package meta

// PhoneNumber is the value of the fields that are about a business's number, each of which fills some of it:
// phone_number_quality_update, phone_number_name_update and security. See
// https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview.
type PhoneNumber struct {
	DisplayPhoneNumber string `json:"display_phone_number,omitempty"`

	// Of phone_number_quality_update ("ONBOARDING", "THROUGHPUT_UPGRADE"…) and security ("PIN_CHANGED"…).
	Event string `json:"event,omitempty"`

	// Of phone_number_quality_update. Limits are numbers or names such as "TIER_2K".
	OldLimit                         string `json:"old_limit,omitempty"`
	CurrentLimit                     string `json:"current_limit,omitempty"`
	MaxDailyConversationsPerBusiness string `json:"max_daily_conversations_per_business,omitempty"`

	// Of phone_number_name_update.
	Decision              string `json:"decision,omitempty"` // "APPROVED", "REJECTED"…
	RequestedVerifiedName string `json:"requested_verified_name,omitempty"`
	RejectionReason       string `json:"rejection_reason,omitempty"`

	Requester string `json:"requester,omitempty"` // of security: who asked
}
