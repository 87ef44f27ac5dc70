package meta

// Account is the value of the fields that are about a WhatsApp Business Account, each of which fills some of it:
// account_update
// (https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/account_update),
// account_alerts, account_review_update and business_capability_update.
type Account struct {
	Event       string `json:"event,omitempty"`    // of account_update: "ACCOUNT_DELETED", "PARTNER_ADDED"…; an open set
	Decision    string `json:"decision,omitempty"` // of account_review_update: "APPROVED", "REJECTED"…
	PhoneNumber string `json:"phone_number,omitempty"`
	Country     string `json:"country,omitempty"` // ISO 3166-1, two letters

	WABAInfo          *WABAInfo          `json:"waba_info,omitempty"`
	ViolationInfo     *ViolationInfo     `json:"violation_info,omitempty"`
	BanInfo           *BanInfo           `json:"ban_info,omitempty"`
	RestrictionInfo   []Restriction      `json:"restriction_info,omitempty"`
	DisconnectionInfo *DisconnectionInfo `json:"disconnection_info,omitempty"`
	VolumeTierInfo    *VolumeTierInfo    `json:"volume_tier_info,omitempty"`

	AuthInternationalRateEligibility *RateEligibility `json:"auth_international_rate_eligibility,omitempty"`
	PartnerClientCertificationInfo   *Certification   `json:"partner_client_certification_info,omitempty"`

	// Of account_alerts.
	EntityType string     `json:"entity_type,omitempty"` // "BUSINESS", "PHONE_NUMBER"…
	EntityID   string     `json:"entity_id,omitempty"`
	AlertInfo  *AlertInfo `json:"alert_info,omitempty"`

	// Of business_capability_update. Limits are numbers or names such as "TIER_2K"; -1 is unlimited.
	MaxDailyConversationsPerBusiness string `json:"max_daily_conversations_per_business,omitempty"`
	MaxDailyConversationPerPhone     string `json:"max_daily_conversation_per_phone,omitempty"` // before February 2026
	MaxPhoneNumbersPerBusiness       int    `json:"max_phone_numbers_per_business,omitempty"`
	MaxPhoneNumbersPerWABA           int    `json:"max_phone_numbers_per_waba,omitempty"`
}

// WABAInfo says whose account it is.
type WABAInfo struct {
	WABAID                     string   `json:"waba_id,omitempty"`
	OwnerBusinessID            string   `json:"owner_business_id,omitempty"`
	AdAccountLinked            string   `json:"ad_account_linked,omitempty"`
	PartnerAppID               string   `json:"partner_app_id,omitempty"`
	SolutionID                 string   `json:"solution_id,omitempty"`
	SolutionPartnerBusinessIDs []string `json:"solution_partner_business_ids,omitempty"`
}

// ViolationInfo is which rule was broken.
type ViolationInfo struct {
	ViolationType string `json:"violation_type,omitempty"`
	Remediation   string `json:"remediation,omitempty"`
}

// BanInfo is whether the account is banned.
type BanInfo struct {
	WABABanState string `json:"waba_ban_state,omitempty"` // "DISABLE", "REINSTATE", "SCHEDULE_FOR_DISABLE"
	WABABanDate  string `json:"waba_ban_date,omitempty"`  // in words: "April 17, 2025"
}

// Restriction is what the account may not do for now.
type Restriction struct {
	RestrictionType string    `json:"restriction_type"`
	Expiration      Timestamp `json:"expiration,omitempty"`
	Remediation     string    `json:"remediation,omitempty"`
}

// DisconnectionInfo is why a number left the Cloud API.
type DisconnectionInfo struct {
	Reason      string `json:"reason,omitempty"`
	InitiatedBy string `json:"initiated_by,omitempty"` // "SYSTEM", "USER"
}

// VolumeTierInfo is the tier that prices go by.
type VolumeTierInfo struct {
	TierUpdateTime  Timestamp `json:"tier_update_time,omitempty"`
	PricingCategory string    `json:"pricing_category,omitempty"`
	Tier            string    `json:"tier,omitempty"`            // "25000001:50000000"
	EffectiveMonth  string    `json:"effective_month,omitempty"` // "2025-11"
	Region          string    `json:"region,omitempty"`
}

// RateEligibility is from when on which rates hold.
type RateEligibility struct {
	StartTime          Timestamp       `json:"start_time,omitempty"`
	ExceptionCountries []RateException `json:"exception_countries,omitempty"`
}

// RateException is a country with a start of its own.
type RateException struct {
	CountryCode string    `json:"country_code"`
	StartTime   Timestamp `json:"start_time,omitempty"`
}

// Certification is what became of the verification of a business by a partner.
type Certification struct {
	ClientBusinessID string   `json:"client_business_id,omitempty"`
	Status           string   `json:"status,omitempty"` // "APPROVED", "FAILED"…
	RejectionReasons []string `json:"rejection_reasons,omitempty"`
}

// AlertInfo is what to look at.
type AlertInfo struct {
	AlertSeverity    string `json:"alert_severity,omitempty"` // "CRITICAL", "WARNING", "INFORMATIONAL"
	AlertStatus      string `json:"alert_status,omitempty"`   // "ACTIVE", "NONE"
	AlertType        string `json:"alert_type,omitempty"`
	AlertDescription string `json:"alert_description,omitempty"`
}
