package sqlinbox

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
)

// head is how an event is stored beside its body.
type head struct {
	ID         string          `json:"id,omitempty"`
	Source     envelope.Source `json:"source"`
	Type       string          `json:"type"`
	Device     string          `json:"device,omitempty"`
	Channel    string          `json:"channel,omitempty"`
	Test       bool            `json:"test,omitempty"`
	CreatedAt  time.Time       `json:"created_at,omitzero"`
	Key        string          `json:"key,omitempty"`
	Dialect    string          `json:"dialect,omitempty"`
	DeliveryID string          `json:"delivery_id,omitempty"`
	Attempt    int             `json:"attempt,omitempty"`
	Secret     int             `json:"secret,omitempty"`
	ReceivedAt time.Time       `json:"received_at,omitzero"`
}

func encodeHead(ev *receiver.Event) (string, error) {
	text, err := json.Marshal(head{
		ID: ev.ID, Source: ev.Source, Type: ev.Type, Device: ev.Device, Channel: ev.Channel, Test: ev.Test,
		CreatedAt: ev.CreatedAt, Key: ev.Key, Dialect: ev.Dialect, DeliveryID: ev.DeliveryID, Attempt: ev.Attempt,
		Secret: ev.Secret, ReceivedAt: ev.ReceivedAt,
	})
	return string(text), err
}

func decodeEvent(text string, body []byte) (*receiver.Event, error) {
	var h head
	if err := json.Unmarshal([]byte(text), &h); err != nil {
		return nil, fmt.Errorf("sqlinbox: the event is stored in a way this program cannot read: %w", err)
	}
	return &receiver.Event{
		Event: envelope.Event{
			ID: h.ID, Source: h.Source, Type: h.Type, Device: h.Device, Channel: h.Channel, Test: h.Test,
			CreatedAt: h.CreatedAt, Body: body,
		},
		Key: h.Key, Dialect: h.Dialect, DeliveryID: h.DeliveryID, Attempt: h.Attempt, Secret: h.Secret,
		ReceivedAt: h.ReceivedAt,
	}, nil
}

const maxName = 255

// storeName keeps what an operator would look for readable. One that is long or not printable ASCII is replaced by "#"
// and its SHA-256, and so is one that begins with "#", which no two names then share.
func storeName(name string) string {
	readable := len(name) <= maxName && (name == "" || name[0] != '#')
	for i := 0; readable && i < len(name); i++ {
		readable = name[i] >= ' ' && name[i] <= '~'
	}
	if readable {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return "#" + hex.EncodeToString(sum[:])
}

// hashed reports whether name is what storeName makes of a name that is not readable.
func hashed(name string) bool {
	sum, ok := strings.CutPrefix(name, "#")
	bytes, err := hex.DecodeString(sum)
	return ok && err == nil && len(bytes) == sha256.Size
}
