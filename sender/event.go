package sender

import "github.com/kirimhooks/kirimhooks/sender/driver"

// StoredEvent is an event as it was published.
type StoredEvent = driver.StoredEvent
