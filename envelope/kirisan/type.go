package kirisan

// The types of Kirisan's events (https://docs.kirisan.com/docs/webhook/overview). The set is open.
const (
	TypeIncomingMessage = "incoming_message"
	TypeSubmission      = "submission"
	TypeMessageStatus   = "message_status"

	// TypeSubmissionCompleted is the legacy name of TypeSubmission: some endpoints were saved under it, and get it in
	// their header. The body says "submission" either way.
	TypeSubmissionCompleted = "submission.completed"
)

// Channels that have webhooks.
const (
	ChannelWhatsApp = "whatsapp"
	ChannelTelegram = "telegram"
	ChannelWABA     = "waba"
)
