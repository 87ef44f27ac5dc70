package kirim

import "encoding/json"

// Kinds about a platform's customers (https://docs.kirimdev.com/platform/webhooks/). Their bodies have no livemode,
// which counts as live.
var (
	CustomerCreated           = NewKind[CustomerData](TypeCustomerCreated)
	CustomerUpdated           = NewKind[CustomerData](TypeCustomerUpdated)
	CustomerArchived          = NewKind[CustomerData](TypeCustomerArchived)
	CustomerOnboarded         = NewKind[CustomerData](TypeCustomerOnboarded)
	CustomerSetupLinkCreated  = NewKind[CustomerData](TypeCustomerSetupLinkCreated)
	CustomerSetupLinkConsumed = NewKind[CustomerData](TypeCustomerSetupLinkConsumed)
)

// CustomerData is the data of all customer events.
type CustomerData struct {
	Customer Customer `json:"customer"`
	// PhoneNumber is the line that was connected. customer.onboarded only.
	PhoneNumber *CustomerPhoneNumber `json:"phone_number,omitempty"`
	// SetupLink is there for customer.onboarded and the setup link events.
	SetupLink *SetupLink `json:"setup_link,omitempty"`

	// Err tells of the first member that did not read, by its path; the rest is read. nil if all was.
	Err error `json:"-" wire:"err"`
}

// Customer is a tenant of a platform.
type Customer struct {
	ID         string          `json:"id"`     // "cus_…"
	Object     string          `json:"object"` // "customer"
	Name       *string         `json:"name"`
	Email      *string         `json:"email"`
	Status     string          `json:"status"`   // "pending" when new; an open set
	Metadata   json.RawMessage `json:"metadata"` // the platform's own object, nil or null if none
	ArchivedAt Time            `json:"archived_at"`
	TeamID     *string         `json:"team_id"`
	CreatedAt  Time            `json:"created_at"`
	UpdatedAt  Time            `json:"updated_at"`
}

// CustomerPhoneNumber is a connected line.
type CustomerPhoneNumber struct {
	PhoneNumberID string `json:"phone_number_id"`
	PhoneNumber   string `json:"phone_number"` // as displayed, with spaces and dashes
	Status        string `json:"status"`
}

// SetupLink is the link with which a customer connects a line.
type SetupLink struct {
	ID     string `json:"id"`
	Status string `json:"status"` // "active", "consumed"; an open set
}
