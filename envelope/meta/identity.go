package meta

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/kirimhooks/kirimhooks/envelope/internal/wire"
)

// Identity is what makes two bodies the same event: a pure function of the bytes, used by both ends.
//
//	one message, nothing else    <wamid>
//	one status, nothing else     <wamid>:<status>:<timestamp>
//	the same in a group          <wamid>:<status>:<timestamp>:<participant>
//	anything else                body:<hex SHA-256 of the bytes of the value of "entry">
//
// A wamid alone would not do for statuses: sent, delivered, read and failed of one message share it. "One" means one
// entry with one change with one item, and the change's field is "messages". What a change of another field has is
// neither a message nor a status, whatever its shape. The participant is the first that the status states of
// recipient_participant_id, participant_recipient_id, recipient_participant_user_id and
// recipient_participant_parent_user_id.
//
// The last form also takes every body whose parts could be misread:
//
//   - an id or a status that is missing, is no string, has a colon, a space or what is not [envelope.Printable]
//   - a timestamp that is not digits
//   - a group status whose participant is missing or no such word
//   - a result over 255 bytes
//   - a key on the way that stands twice or in another case
//
// Nothing outside "entry" takes part, so Kirim's enrichment makes no other event. It fails as [Summarize] does.
func Identity(body []byte) (string, error) {
	s, err := Summarize(body)
	return s.Identity, err
}

const maxIdentity = 255

// participants are the members of a status that name one of a group, the surest first. Meta's page on groups
// (https://developers.facebook.com/documentation/business-messaging/whatsapp/groups/webhooks) spells the first in two
// ways. Who has a user name may have a business-scoped user id alone.
var participants = [...]string{
	"recipient_participant_id", "participant_recipient_id",
	"recipient_participant_user_id", "recipient_participant_parent_user_id",
}

func (w *surveyor) identity(entry []byte) string {
	if w.entries == 1 && w.changes == 1 && w.messages+w.statuses == 1 && !w.odd {
		if id, ok := w.itemIdentity(); ok {
			return id
		}
	}
	sum := sha256.Sum256(entry)
	return "body:" + hex.EncodeToString(sum[:])
}

func (w *surveyor) itemIdentity() (string, bool) {
	if w.messages == 1 {
		return segment(w.message.id)
	}
	id, ok := segment(w.status.id)
	status, ok2 := segment(w.status.status)
	timestamp := loose(w.status.timestamp)
	participant, ok3 := w.status.participant()
	if !ok || !ok2 || !ok3 || !digits(timestamp) {
		return "", false
	}
	identity := id + ":" + status + ":" + timestamp
	if participant != "" {
		identity += ":" + participant
	}
	return identity, len(identity) <= maxIdentity
}

// participant names the one of a group whose status it is, "" where the status is of no group.
func (i *item) participant() (string, bool) {
	kind, _ := wire.Text(i.recipientType)
	missing := kind == "group"
	for _, value := range i.participants {
		if value == nil || string(value) == "null" {
			continue
		}
		text, ok := wire.Text(value)
		if text != "" || !ok {
			return text, isWord(text, maxIdentity)
		}
		missing = true
	}
	return "", !missing
}

// segment returns the text of value if it can stand between colons.
func segment(value []byte) (string, bool) {
	s, _ := wire.Text(value)
	return s, isWord(s, maxIdentity) && !strings.Contains(s, ":")
}

// isWord tells whether s can name a thing of Meta's: [envelope.Printable] and without a space, which none of them has.
func isWord(s string, limit int) bool {
	return wire.Printable(s, limit) && !strings.Contains(s, " ")
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
