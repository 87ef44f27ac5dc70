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

// EventQuery selects events of one org. Zero fields select all.
type EventQuery struct {
	Org          string // set by Org
	Source       envelope.Source
	Type         string
	Device       string
	Channel      string
	Undelivered  bool      // only those without a delivery: nobody wanted them, or theirs are purged
	Since, Until time.Time // by PublishedAt: Since ≤ PublishedAt < Until
	After        string    // id of the last one seen; lists run from the newest to the oldest
	Limit        int       // of one page. Defaults to 100
}
