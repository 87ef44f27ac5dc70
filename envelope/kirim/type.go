package kirim

// The types of Kirim-native events that are known (https://developers.kirim.chat/webhooks/events/). The set is open:
// a type that is not here is accepted and handed on like any other.
const (
	TypeContactCreated            = "contact.created"
	TypeContactUpdated            = "contact.updated"
	TypeContactIdentityUpdated    = "contact.identity_updated"
	TypeConversationAssigned      = "conversation.assigned"
	TypeConversationClosed        = "conversation.closed"
	TypeCustomerCreated           = "customer.created"
	TypeCustomerUpdated           = "customer.updated"
	TypeCustomerArchived          = "customer.archived"
	TypeCustomerOnboarded         = "customer.onboarded"
	TypeCustomerSetupLinkCreated  = "customer.setup_link.created"
	TypeCustomerSetupLinkConsumed = "customer.setup_link.consumed"
	TypeMessageCreated            = "message.created"
	TypeMessageSent               = "message.sent"
	TypeMessageEdited             = "message.edited"
	TypeMessageRevoked            = "message.revoked"
)
