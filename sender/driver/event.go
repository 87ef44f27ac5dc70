package driver

import (
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
)

// StoredEvent is an event as it was published.
type StoredEvent struct {
	Org         string
	Event       envelope.Event
	PublishedAt time.Time
	Trace       string // W3C traceparent of whoever published it; "" if there was none
}
