// Package meta holds Meta's notification of the WhatsApp Cloud API
// (https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/). Kirim hands
// it on byte for byte, but for an added top-level "kirim" object, as message.received and message.status.
//
// Decoding is lenient. Unknown fields, types and changes are accepted; [Message], [Status], [Change] and the like keep
// their bytes in Raw. Every text, number and time reads from a string or a number, and [] counts as absent where an
// object is expected. What still cannot be read is told in Err and costs no neighbour. Almost every field may be
// missing.
package meta

import (
	"fmt"
	"iter"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/internal/wire"
)

// Kinds of Meta's bodies, as Kirim names them (https://developers.kirim.chat/webhooks/events/). One body may hold
// several messages and statuses: range over all of them.
var (
	MessageReceived = envelope.NewKind(envelope.Meta, TypeMessageReceived, Parse)
	MessageStatus   = envelope.NewKind(envelope.Meta, TypeMessageStatus, Parse)
)

// Notification is a whole body.
type Notification struct {
	Object string  `json:"object"` // "whatsapp_business_account"
	Entry  []Entry `json:"entry"`
	// Kirim is what kirim.dev adds; nil in a body straight from Meta.
	Kirim *Enrichment `json:"kirim,omitempty"`

	// Err says what else could not be read, beside what entries, changes, messages and the like keep themselves.
	Err error `json:"-" wire:"err"`
}

// Entry is what one WhatsApp Business Account has to tell.
type Entry struct {
	ID      string    `json:"id"` // of the WhatsApp Business Account
	Time    Timestamp `json:"time,omitempty"`
	Changes []Change  `json:"changes"`

	// Err says what of the entry could not be read, beside what its changes keep themselves.
	Err error `json:"-" wire:"err"`
}

// Parse reads a whole body, for instance in a kind of your own. It refuses only what is no JSON object or has no
// "entry" array; the error wraps [envelope.ErrMalformed]. What else does not fit costs nothing but itself: the rest is
// read, and the nearest Err around it says what is missing.
func Parse(body []byte) (*Notification, error) {
	if _, err := scanEntry(body); err != nil {
		return nil, err
	}
	n := new(Notification)
	if err := wire.Decode(body, n); err != nil {
		return nil, fmt.Errorf("meta: %w: %w", envelope.ErrMalformed, err)
	}
	return n, nil
}

// Messages yields every message of every entry and every change of field "messages", with the line that received it.
// What other fields hold in the same shape was not written to you now: see [Notification.Changes].
func (n *Notification) Messages() iter.Seq2[Metadata, *Message] {
	return each(n, func(v *Value) []Message { return v.Messages })
}

// Statuses yields every status of every entry and every change of field "messages", with the line that sent the
// message.
func (n *Notification) Statuses() iter.Seq2[Metadata, *Status] {
	return each(n, func(v *Value) []Status { return v.Statuses })
}

// each yields every element of the lists in changes that count.
func each[T any](n *Notification, list func(v *Value) []T) iter.Seq2[Metadata, *T] {
	return func(yield func(Metadata, *T) bool) {
		for _, entry := range n.Entry {
			for _, c := range entry.Changes {
				if !counts(c.Field) {
					continue
				}
				elements := list(&c.Value)
				for i := range elements {
					if !yield(c.Value.Metadata, &elements[i]) {
						return
					}
				}
			}
		}
	}
}

// Changes yields every change of that field, such as [Calls].Type(), with the entry it stands in.
func (n *Notification) Changes(field string) iter.Seq2[*Entry, *Change] {
	return func(yield func(*Entry, *Change) bool) {
		for i := range n.Entry {
			for j := range n.Entry[i].Changes {
				if c := &n.Entry[i].Changes[j]; c.Field == field && !yield(&n.Entry[i], c) {
					return
				}
			}
		}
	}
}

// scanEntry returns the bytes of the "entry" array.
func scanEntry(body []byte) ([]byte, error) {
	m, err := envelope.Scan(body)
	if err != nil {
		return nil, err
	}
	entry := m.Raw("entry")
	if len(entry) == 0 || entry[0] != '[' {
		return nil, fmt.Errorf("meta: %w: no entry array", envelope.ErrMalformed)
	}
	return entry, nil
}

// UnmarshalJSON reads b as leniently as [Parse].
func (n *Notification) UnmarshalJSON(b []byte) error { return wire.Decode(b, n) }

// UnmarshalJSON reads b as leniently as [Parse].
func (e *Entry) UnmarshalJSON(b []byte) error { return wire.Decode(b, e) }
