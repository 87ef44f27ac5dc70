package meta

import (
	"encoding/json"
	"reflect"

	"github.com/kirimhooks/kirimhooks/envelope/internal/wire"
)

// Change is one thing that happened.
type Change struct {
	Field string `json:"field"` // "messages", "message_template_status_update"…; an open set
	// Value is zero where another field's value has another shape; read Raw then.
	Value Value `json:"value"`
	// Raw is the value as it stands in the body.
	Raw json.RawMessage `json:"-"`
}

// Value is the value of field "messages". Values of other fields that share its shape read too.
type Value struct {
	MessagingProduct string    `json:"messaging_product,omitempty"` // "whatsapp"
	Metadata         Metadata  `json:"metadata,omitzero"`
	Contacts         []Contact `json:"contacts,omitempty"` // the customers; none for system messages
	Messages         []Message `json:"messages,omitempty"` // what customers wrote
	Statuses         []Status  `json:"statuses,omitempty"` // what became of sent messages
	Errors           []Error   `json:"errors,omitempty"`   // of the system, the app or the account
	MessageEchoes    []Message `json:"message_echoes,omitempty"`

	// Members of other fields, as they stand in the body.
	History         json.RawMessage `json:"history,omitempty"`
	StateSync       json.RawMessage `json:"state_sync,omitempty"`
	UserPreferences json.RawMessage `json:"user_preferences,omitempty"`
	Calls           json.RawMessage `json:"calls,omitempty"`
	Groups          json.RawMessage `json:"groups,omitempty"`
}

// Metadata is the line: the business phone number that received or sent.
type Metadata struct {
	DisplayPhoneNumber string `json:"display_phone_number"` // digits, or formatted by Kirim: "+62 851-0000-0001"
	PhoneNumberID      string `json:"phone_number_id"`
}

// Contact is a customer.
type Contact struct {
	Profile         *Profile `json:"profile,omitempty"`
	WaID            string   `json:"wa_id,omitempty"` // may be missing where the customer has a user name
	IdentityKeyHash string   `json:"identity_key_hash,omitempty"`
	// UserID and ParentUserID are business-scoped user ids
	// (https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids/).
	UserID       string `json:"user_id,omitempty"`
	ParentUserID string `json:"parent_user_id,omitempty"`
}

// Profile is what a customer shows.
type Profile struct {
	Name     string `json:"name,omitempty"`
	Username string `json:"username,omitempty"`
}

// Error is why something failed
// (https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/).
type Error struct {
	Code      int        `json:"code"`
	Title     string     `json:"title,omitempty"`
	Message   string     `json:"message,omitempty"`
	ErrorData *ErrorData `json:"error_data,omitempty"`
	Href      string     `json:"href,omitempty"`
	Details   string     `json:"details,omitempty"` // older form of ErrorData
	Type      string     `json:"type,omitempty"`
	Subcode   int        `json:"error_subcode,omitempty"`
	FBTraceID string     `json:"fbtrace_id,omitempty"`
}

// ErrorData tells more about an error.
type ErrorData struct {
	Details          string `json:"details,omitempty"`
	MessagingProduct string `json:"messaging_product,omitempty"`
}

// UnmarshalJSON fills Raw, and Value where it fits.
func (c *Change) UnmarshalJSON(b []byte) error {
	var v struct {
		Field string          `json:"field"`
		Value json.RawMessage `json:"value"`
	}
	if err := wire.Decode(b, &v); err != nil {
		return err
	}
	*c = Change{Field: v.Field, Raw: v.Value}
	if c.Raw == nil {
		return nil
	}
	err := wire.Decode(c.Raw, &c.Value)
	if err == nil {
		return nil
	}
	c.Value = Value{}
	if v.Field != "messages" && !showsItems(c.Raw) {
		return nil
	}
	return err
}

// showsItems tells whether a value has messages or statuses. Those must not be passed over only because they do not
// read: nobody would notice.
func showsItems(value []byte) bool {
	var shown struct {
		Messages []json.RawMessage `json:"messages"`
		Statuses []json.RawMessage `json:"statuses"`
	}
	_ = json.Unmarshal(value, &shown) // an array of another type is no array of items
	return len(shown.Messages)+len(shown.Statuses) > 0
}

// MarshalJSON writes Value, or Raw where Value is zero.
func (c Change) MarshalJSON() ([]byte, error) {
	type plain Change
	if c.Raw == nil || !reflect.ValueOf(c.Value).IsZero() {
		return json.Marshal(plain(c))
	}
	return json.Marshal(struct {
		Value json.RawMessage `json:"value"`
		Field string          `json:"field"`
	}{c.Raw, c.Field})
}

var (
	_ = wire.Habit[*Metadata]("", "display_phone_number", "phone_number_id")
	_ = wire.Habit[*Contact]("", "wa_id")
)

// UnmarshalJSON takes phone_number_id as a string or a number.
func (m *Metadata) UnmarshalJSON(b []byte) error {
	type plain Metadata
	v := struct {
		*plain
		DisplayPhoneNumber wire.Loose `json:"display_phone_number"`
		PhoneNumberID      wire.Loose `json:"phone_number_id"`
	}{plain: (*plain)(m)}
	err := wire.Unmarshal(b, &v)
	m.DisplayPhoneNumber, m.PhoneNumberID = string(v.DisplayPhoneNumber), string(v.PhoneNumberID)
	return err
}

// UnmarshalJSON takes wa_id as a string or a number.
func (c *Contact) UnmarshalJSON(b []byte) error {
	type plain Contact
	v := struct {
		*plain
		WaID wire.Loose `json:"wa_id"`
	}{plain: (*plain)(c)}
	err := wire.Unmarshal(b, &v)
	c.WaID = string(v.WaID)
	return err
}

// UnmarshalJSON takes codes as numbers or strings; 0 if they are no integers.
func (e *Error) UnmarshalJSON(b []byte) error {
	type plain Error
	v := struct {
		*plain
		Code    wire.Loose `json:"code"`
		Subcode wire.Loose `json:"error_subcode"`
	}{plain: (*plain)(e)}
	err := wire.Unmarshal(b, &v)
	e.Code, e.Subcode = v.Code.Int(), v.Subcode.Int()
	return err
}
