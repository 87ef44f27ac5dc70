package meta

// ContactCard is a contact that a customer shared.
type ContactCard struct {
	Name      *CardName     `json:"name,omitempty"`
	Phones    []CardPhone   `json:"phones,omitempty"`
	Emails    []CardEmail   `json:"emails,omitempty"`
	Addresses []CardAddress `json:"addresses,omitempty"`
	URLs      []CardURL     `json:"urls,omitempty"`
	Org       *CardOrg      `json:"org,omitempty"`
	Birthday  string        `json:"birthday,omitempty"` // YYYY-MM-DD
	VCard     string        `json:"vcard,omitempty"`
	Origin    string        `json:"origin,omitempty"` // "contact_request", "other"
}

// CardName is the name on a card.
type CardName struct {
	FormattedName string `json:"formatted_name"`
	FirstName     string `json:"first_name,omitempty"`
	LastName      string `json:"last_name,omitempty"`
	MiddleName    string `json:"middle_name,omitempty"`
	Suffix        string `json:"suffix,omitempty"`
	Prefix        string `json:"prefix,omitempty"`
}

// CardPhone is a number on a card.
type CardPhone struct {
	Phone string `json:"phone,omitempty"`
	WaID  string `json:"wa_id,omitempty"`
	Type  string `json:"type,omitempty"`
}

// CardEmail is an address on a card.
type CardEmail struct {
	Email string `json:"email,omitempty"`
	Type  string `json:"type,omitempty"`
}

// CardAddress is a place on a card.
type CardAddress struct {
	Street      string `json:"street,omitempty"`
	City        string `json:"city,omitempty"`
	State       string `json:"state,omitempty"`
	Zip         string `json:"zip,omitempty"`
	Country     string `json:"country,omitempty"`
	CountryCode string `json:"country_code,omitempty"`
	Type        string `json:"type,omitempty"`
}

// CardURL is a page on a card.
type CardURL struct {
	URL  string `json:"url,omitempty"`
	Type string `json:"type,omitempty"`
}

// CardOrg is the workplace on a card.
type CardOrg struct {
	Company    string `json:"company,omitempty"`
	Department string `json:"department,omitempty"`
	Title      string `json:"title,omitempty"`
}
