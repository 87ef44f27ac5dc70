package meta

import (
	"bytes"
	"cmp"
	"encoding/json"
	"reflect"

	"github.com/kirimhooks/kirimhooks/envelope/internal/wire"
)

// Change is one thing that happened. What it is goes by Field, never by the shape of its value.
type Change struct {
	Field string `json:"field"` // "messages", "message_template_status_update"…; an open set
	// Value has what fields of the shape of "messages" hold. It is zero for others, and where it would mislead: where the
	// value of a field that this package does not know has another shape. Read Raw then.
	Value Value `json:"value"`

	// The values of fields of other shapes. Each is set for the fields its type names, and nil for all others.
	Account     *Account     `json:"-"`
	Template    *Template    `json:"-"`
	PhoneNumber *PhoneNumber `json:"-"`
	Handover    *Handover    `json:"-"`

	// Err says what of the change could not be read, beside what its messages, statuses and the like keep themselves; nil
	// if there is nothing. It quotes nothing of the body.
	Err error `json:"-"`
	// Raw is the value as it stands in the body.
	Raw json.RawMessage `json:"-"`
}

var _ = wire.Own(readChange)

func readChange(c *Change, v wire.Value) error {
	var parts struct {
		Field string     `json:"field"`
		Value wire.Value `json:"value"`
		Err   error      `json:"-" wire:"err"`
	}
	_ = v.Decode(&parts) // parts.Err has it
	*c = Change{Field: parts.Field, Err: parts.Err, Raw: bytes.Clone(parts.Value.Raw())}
	c.Err = cmp.Or(c.Err, c.read(v))
	if c.Err != nil && v.Raw()[0] != '{' {
		c.Raw = bytes.Clone(v.Raw()) // no change at all
	}
	return nil
}

// read reads the value of a change by its field, and returns what could not be read of it.
func (c *Change) read(v wire.Value) error {
	switch shapes[c.Field] {
	case ofMessages:
		return readValue(v, &c.Value)
	case ofAccount:
		c.Account = new(Account)
		return readValue(v, c.Account)
	case ofTemplate:
		c.Template = new(Template)
		return readValue(v, c.Template)
	case ofPhoneNumber:
		c.PhoneNumber = new(PhoneNumber)
		return readValue(v, c.PhoneNumber)
	case ofHandover:
		c.Handover = new(Handover)
		return readValue(v, c.Handover)
	}
	if readValue(v, &c.Value) != nil {
		c.Value = Value{}
	}
	return nil
}

func readValue[T any](change wire.Value, into *T) error {
	c := struct {
		Value *T    `json:"value"`
		Err   error `json:"-" wire:"err"`
	}{Value: into}
	_ = change.Decode(&c) // c.Err has it
	return c.Err
}

// UnmarshalJSON reads b as leniently as [Parse].
func (c *Change) UnmarshalJSON(b []byte) error { return wire.Decode(b, c) }

// MarshalJSON writes the value that is set; Raw where none is, and for fields that this package does not know.
func (c Change) MarshalJSON() ([]byte, error) {
	var value any = c.Raw
	switch {
	case c.Account != nil:
		value = c.Account
	case c.Template != nil:
		value = c.Template
	case c.PhoneNumber != nil:
		value = c.PhoneNumber
	case c.Handover != nil:
		value = c.Handover
	case c.Raw == nil, shapes[c.Field] == ofMessages && !reflect.ValueOf(c.Value).IsZero():
		value = c.Value
	}
	return json.Marshal(struct {
		Value any    `json:"value"`
		Field string `json:"field"`
	}{value, c.Field})
}
