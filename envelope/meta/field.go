package meta

import "github.com/kirimhooks/kirimhooks/envelope"

// Kinds of the bodies that show neither messages nor statuses: each is named by the field of its first change
// (https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview). All read the whole
// body. [Notification.Changes] of the kind's Type yields what it is about. Declare those of other fields with [Parse].
var (
	Calls              = kind("calls", ofMessages)               // [Value].Calls and Statuses
	History            = kind("history", ofMessages)             // [Value].History, and Messages for what media showed
	SMBAppStateSync    = kind("smb_app_state_sync", ofMessages)  // [Value].StateSync
	SMBMessageEchoes   = kind("smb_message_echoes", ofMessages)  // [Value].MessageEchoes
	Standby            = kind("standby", ofMessages)             // [Value].Standby
	MessagingHandovers = kind("messaging_handovers", ofHandover) // [Change].Handover
	UserPreferences    = kind("user_preferences", ofMessages)    // [Value].UserPreferences
	UserIDUpdate       = kind("user_id_update", ofMessages)      // [Value].UserIDChanges

	GroupLifecycleUpdate    = kind("group_lifecycle_update", ofMessages) // [Value].Groups, as of the three below
	GroupParticipantsUpdate = kind("group_participants_update", ofMessages)
	GroupSettingsUpdate     = kind("group_settings_update", ofMessages)
	GroupStatusUpdate       = kind("group_status_update", ofMessages)

	AccountUpdate            = kind("account_update", ofAccount) // [Change].Account, as of the three below
	AccountAlerts            = kind("account_alerts", ofAccount)
	AccountReviewUpdate      = kind("account_review_update", ofAccount)
	BusinessCapabilityUpdate = kind("business_capability_update", ofAccount)

	// [Change].Template
	MessageTemplateStatusUpdate     = kind("message_template_status_update", ofTemplate)
	MessageTemplateQualityUpdate    = kind("message_template_quality_update", ofTemplate)
	MessageTemplateComponentsUpdate = kind("message_template_components_update", ofTemplate)
	TemplateCategoryUpdate          = kind("template_category_update", ofTemplate)

	PhoneNumberNameUpdate    = kind("phone_number_name_update", ofPhoneNumber) // [Change].PhoneNumber, as of the two below
	PhoneNumberQualityUpdate = kind("phone_number_quality_update", ofPhoneNumber)
	Security                 = kind("security", ofPhoneNumber)
)

// shapes are those of the fields that this package knows.
var shapes = map[string]shape{"": ofMessages, fieldMessages: ofMessages}

func kind(field string, s shape) envelope.Kind[*Notification] {
	shapes[field] = s
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

const fieldMessages = "messages"

// counts tells whether the messages and statuses of that field happen now and to you. Meta always names the field;
// where a relay left it out the shape decides.
func counts(field string) bool { return field == fieldMessages || field == "" }
