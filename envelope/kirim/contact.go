package kirim

import "encoding/json"

// Kinds about contacts (https://developers.kirim.chat/webhooks/events/).
var (
	ContactCreated         = NewKind[ContactData](TypeContactCreated)
	ContactUpdated         = NewKind[ContactData](TypeContactUpdated)
	ContactIdentityUpdated = NewKind[IdentityData](TypeContactIdentityUpdated)
)

// ContactData is the data of contact.created and contact.updated.
type ContactData struct {
	Contact Contact `json:"contact"`
	// AcquisitionSource says how the contact came about. contact.created only; the values are an open set.
	AcquisitionSource string `json:"acquisition_source,omitempty"`
	// ChangedFields names the top-level fields of the contact that changed. contact.updated only.
	ChangedFields []string `json:"changed_fields,omitempty"`

	// Err tells of the first member that did not read, by its path; the rest is read. nil if all was.
	Err error `json:"-" wire:"err"`
}

// IdentityData is the data of contact.identity_updated. The vendor publishes no body of this event yet: expect
// zero fields.
type IdentityData struct {
	Contact  Contact   `json:"contact"`
	Previous *Identity `json:"previous,omitempty"`
	Current  *Identity `json:"current,omitempty"`

	// Err tells of the first member that did not read, by its path; the rest is read. nil if all was.
	Err error `json:"-" wire:"err"`
}

// Contact is a person who writes to the organisation's numbers.
type Contact struct {
	ID              string           `json:"id"`     // "ctc_…"
	Object          string           `json:"object"` // "contact"
	PhoneNumber     *string          `json:"phone_number"`
	Name            *string          `json:"name"`
	Email           *string          `json:"email"`
	Metadata        json.RawMessage  `json:"metadata"` // the organisation's own object, nil or null if none
	WhatsAppAccount *WhatsAppAccount `json:"whatsapp_account,omitempty"`
	CreatedAt       Time             `json:"created_at"`
	UpdatedAt       Time             `json:"updated_at"`
	Labels          []Label          `json:"labels,omitempty"`
}

// WhatsAppAccount is the number that serves a contact.
type WhatsAppAccount struct {
	PhoneNumber *string `json:"phone_number"` // as displayed, with spaces and dashes
}

// Label is a tag on a contact.
type Label struct {
	ID     string `json:"id"`     // "lbl_…"
	Object string `json:"object"` // "label"
	Name   string `json:"name"`
	Color  string `json:"color"` // "#rrggbb"
}

// Identity is how WhatsApp knows a contact.
type Identity struct {
	PhoneNumber *string `json:"phone_number"`
	// BSUID is Meta's business-scoped user id, which stays when the number changes
	// (https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids/).
	BSUID *string `json:"bsuid"`
}
