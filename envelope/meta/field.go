package meta

import "github.com/kirimhooks/kirimhooks/envelope"

// Kinds of the bodies that show neither messages nor statuses: each is named by the field of its first change
// (https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview). All read the whole
// body. [Notification.Changes] of the kind's Type yields what it is about. Declare those of other fields with [Parse].
var (
	Calls              = kind("calls")               // [Value].Calls and Statuses
	History            = kind("history")             // [Value].History, and Messages for what media showed
	SMBAppStateSync    = kind("smb_app_state_sync")  // [Value].StateSync
	SMBMessageEchoes   = kind("smb_message_echoes")  // [Value].MessageEchoes
	Standby            = kind("standby")             // [Value].Standby
	MessagingHandovers = kind("messaging_handovers") // [Change].Handover
	UserPreferences    = kind("user_preferences")    // [Value].UserPreferences
	UserIDUpdate       = kind("user_id_update")      // [Value].UserIDChanges

	GroupLifecycleUpdate    = kind("group_lifecycle_update") // [Value].Groups, as of the three below
	GroupParticipantsUpdate = kind("group_participants_update")
	GroupSettingsUpdate     = kind("group_settings_update")
	GroupStatusUpdate       = kind("group_status_update")

	AccountUpdate            = kind("account_update") // [Change].Account, as of the three below
	AccountAlerts            = kind("account_alerts")
	AccountReviewUpdate      = kind("account_review_update")
	BusinessCapabilityUpdate = kind("business_capability_update")

	MessageTemplateStatusUpdate     = kind("message_template_status_update") // [Change].Template, as of the three below
	MessageTemplateQualityUpdate    = kind("message_template_quality_update")
	MessageTemplateComponentsUpdate = kind("message_template_components_update")
	TemplateCategoryUpdate          = kind("template_category_update")

	PhoneNumberNameUpdate    = kind("phone_number_name_update") // [Change].PhoneNumber, as of the two below
	PhoneNumberQualityUpdate = kind("phone_number_quality_update")
	Security                 = kind("security")
)

func kind(field string) envelope.Kind[*Notification] {
	return envelope.NewKind(envelope.Meta, field, Parse)
}

// shape is what the value of a field looks like.
type shape int

const (
	ofOther shape = iota
	ofMessages
	ofAccount
	ofTemplate
	ofPhoneNumber
	ofHandover
)

func shapeOf(field string) shape {
	switch field {
	case "", fieldMessages, "calls", "history", "smb_app_state_sync", "smb_message_echoes", "standby",
		"user_preferences", "user_id_update",
		"group_lifecycle_update", "group_participants_update", "group_settings_update", "group_status_update":
		return ofMessages
	case "account_update", "account_alerts", "account_review_update", "business_capability_update":
		return ofAccount
	case "message_template_status_update", "message_template_quality_update", "message_template_components_update",
		"template_category_update":
		return ofTemplate
	case "phone_number_name_update", "phone_number_quality_update", "security":
		return ofPhoneNumber
	case "messaging_handovers":
		return ofHandover
	}
	return ofOther
}

const fieldMessages = "messages"

// counts tells whether the messages and statuses of that field happen now and to you. Meta always names the field;
// where a relay left it out the shape decides.
func counts(field string) bool { return field == fieldMessages || field == "" }
