package meta

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/kirimhooks/kirimhooks/envelope/internal/wire"
)

// Contact is a customer.
type Contact struct {
	Profile         *Profile `json:"profile,omitempty"`
	WaID            string   `json:"wa_id,omitempty"` // may be missing where the customer has a user name
	IdentityKeyHash string   `json:"identity_key_hash,omitempty"`
	// UserID and ParentUserID are business-scoped user ids
	// (https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids/).
	UserID       string `json:"user_id,omitempty"`
	ParentUserID string `json:"parent_user_id,omitempty"`

	// Err says what of the contact could not be read; Raw is the contact as it stands in the body.
	Err error           `json:"-" wire:"err"`
	Raw json.RawMessage `json:"-" wire:"raw"`
}

// UnmarshalJSON reads b as leniently as [Parse].
func (c *Contact) UnmarshalJSON(b []byte) error { return wire.Decode(b, c) }

// Profile is what a customer shows.
type Profile struct {
	Name     string `json:"name,omitempty"`
	Username string `json:"username,omitempty"`
}

// Contact returns the customer whom a message of n is about: who wrote it, or who got it where m is an echo. It is the
// contact beside the message with the same user id, else the same number. A single contact is taken for every message
// of one customer, since number and wa_id may differ by a digit. Ids that the contact lacks come from the message.
// Where there is no contact, as for system messages, all of them do. The result is zero only where the body names
// nobody.
func (n *Notification) Contact(m *Message) Contact {
	if m == nil {
		return Contact{}
	}
	p := n.placeOf(m)
	c := Contact{WaID: m.From, UserID: m.FromUserID, ParentUserID: m.FromParentUserID}
	if p.echoes {
		c = Contact{WaID: m.To, UserID: m.ToUserID, ParentUserID: m.ToParentUserID}
	}
	if found := p.contact(&c); found != nil {
		ids := c
		c = *found
		c.WaID = cmp.Or(c.WaID, ids.WaID)
		c.UserID = cmp.Or(c.UserID, ids.UserID)
		c.ParentUserID = cmp.Or(c.ParentUserID, ids.ParentUserID)
	}
	return c
}

// Name returns the name that the customer shows, else the user name, "" if neither is known.
func (c Contact) Name() string {
	if c.Profile == nil {
		return ""
	}
	return cmp.Or(c.Profile.Name, c.Profile.Username)
}

// place is where messages stand beside their contacts.
type place struct {
	messages []Message
	contacts []Contact
	echoes   bool
}

func (n *Notification) places() (places []place) {
	for i := range n.Entry {
		for j := range n.Entry[i].Changes {
			v := &n.Entry[i].Changes[j].Value
			places = append(places, place{v.Messages, v.Contacts, false}, place{v.MessageEchoes, v.Contacts, true})
			if v.Standby != nil {
				places = append(places, place{v.Standby.Messages, v.Standby.Contacts, false})
			}
		}
	}
	return places
}

// placeOf finds where m stands, or what m is a copy of.
func (n *Notification) placeOf(m *Message) (found place) {
	for _, p := range n.places() {
		for i := range p.messages {
			switch other := &p.messages[i]; {
			case other == m:
				return p
			case found.messages == nil && m.ID != "" && other.ID == m.ID:
				found = p
			}
		}
	}
	return found
}

// contact returns the contact with the ids of who, nil if there is none.
func (p *place) contact(who *Contact) (found *Contact) {
	for i := range p.contacts {
		switch c := &p.contacts[i]; {
		case c.UserID != "" && c.UserID == who.UserID:
			return c
		case found == nil && !differ(c.UserID, who.UserID) && number(c.WaID) != "" && number(c.WaID) == number(who.WaID):
			found = c
		}
	}
	if found == nil && len(p.contacts) == 1 && !differ(p.contacts[0].UserID, who.UserID) && p.ofOne() {
		return &p.contacts[0]
	}
	return found
}

// ofOne tells whether all messages are of one customer.
func (p *place) ofOne() bool {
	for i := range p.messages {
		m, first := &p.messages[i], &p.messages[0]
		if m.From != first.From || m.FromUserID != first.FromUserID || m.To != first.To || m.ToUserID != first.ToUserID {
			return false
		}
	}
	return true
}

func differ(a, b string) bool { return a != "" && b != "" && a != b }

// number is a phone number without what people write into it.
func number(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
