package envelope

import (
	"encoding/json"
	"time"
)

// Source says what shape a body has. For Kirim's two shapes it is the value of the X-Kirim-Source header
// (https://developers.kirim.chat/webhooks/overview). The set is open: a third-party dialect adds its own.
type Source string

// The sources this library speaks.
const (
	Meta     Source = "meta"     // the exact bytes Meta sent, from an "entry" array
	Kirim    Source = "kirim"    // {id, type, created_at, livemode, data}
	Kirisan  Source = "kirisan"  // {event, device, channel, …, production}
	Standard Source = "standard" // {type, timestamp, data}
)

// Event is one event, whichever dialect carries it.
type Event struct {
	// ID is the same in every attempt, retry and replay. It is empty only for Kirisan, whose bodies have none.
	ID string
	// Source says which shape Body has.
	Source Source
	// Type is an open set: "contact.created", "message.status", "incoming_message"…
	Type string
	// Device is the line or bot the event belongs to. Kirisan only.
	Device string
	// Channel is "whatsapp", "telegram" or "waba". Kirisan only.
	Channel string
	// Test is true for livemode:false (Kirim) and production:false (Kirisan). A missing mark counts as live.
	Test bool
	// CreatedAt is the time the body states, zero if it states none.
	CreatedAt time.Time
	// Body is the exact bytes. They are never re-encoded and must not be modified.
	Body json.RawMessage
}
