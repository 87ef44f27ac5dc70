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
// entry with one change with one item. The last form also takes every body whose parts could be misread: an id or a
// status that is missing, holds a colon or is not printable ASCII, a timestamp that is not digits, a group status
// without a participant, a result over 255 bytes, a key on the way that stands twice or in another case.
//
// Nothing outside "entry" takes part, so Kirim's enrichment makes no other event. It fails as [Summarize] does.
func Identity(body []byte) (string, error) {
	s, err := Summarize(body)
	return s.Identity, err
}

const maxIdentity = 255

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
	if !ok || !ok2 || !digits(timestamp) {
		return "", false
	}
	identity := id + ":" + status + ":" + timestamp
	switch kind, _ := wire.Text(w.status.recipientType); {
	case w.status.participant != nil && string(w.status.participant) != "null":
		participant, _ := wire.Text(w.status.participant)
		if !wire.Printable(participant, maxIdentity) {
			return "", false
		}
		identity += ":" + participant
	case kind == "group":
		return "", false
	}
	return identity, len(identity) <= maxIdentity
}

// segment returns the text of value if it can stand between colons.
func segment(value []byte) (string, bool) {
	s, _ := wire.Text(value)
	return s, wire.Printable(s, maxIdentity) && !strings.Contains(s, ":")
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
