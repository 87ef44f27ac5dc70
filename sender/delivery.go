package sender

import "time"

// State is where a delivery stands.
type State string

// The states of a delivery.
const (
	StatePending   State = "pending"
	StateHeld      State = "held" // pending, of a subscription that is not active: derived when read, never stored
	StateDelivered State = "delivered"
	StateDead      State = "dead"      // after the last attempt or a permanent answer: a dead letter
	StateCancelled State = "cancelled" // by its owner, its subscription was removed, or its held backlog trimmed
)

// Delivery is one event for one subscription.
type Delivery struct {
	ID             string // "wbd_…", the same in all attempts
	Org            string
	EventID        string
	SubscriptionID string
	EventType      string
	State          State
	Attempt        int    // attempts that had a result so far; the next is Attempt+1
	Test           bool   // made by Org.Test (Publication.Only), or the replay of one that was
	ReplayedFrom   string // the delivery that this one repeats
	ReplayedBy     string // the newest delivery that repeats this one
	Reason         string // why it ended, or why it waits
	CreatedAt      time.Time
	NextAt         time.Time // when it is due; zero when finished or in flight
	FinishedAt     time.Time // zero until finished
}

func (d *Delivery) finished() bool { return d.State != StatePending && d.State != StateHeld }

// DeliveryQuery selects deliveries of one org. Zero fields select all.
type DeliveryQuery struct {
	Org          string // set by Org
	Subscription string
	EventID      string
	EventType    string
	Device       string
	Channel      string
	IDs          []string
	States       []State
	Since, Until time.Time // by CreatedAt: Since ≤ CreatedAt < Until
	After        string    // id of the last one seen; lists run from the newest to the oldest
	Limit        int       // of one page. Defaults to 100
}

// Classes of failed attempts that got no status. They are coarse on purpose: what a tenant sees of them must not map
// a network.
const (
	ClassBlocked  = "blocked"  // the address is not allowed
	ClassDNS      = "dns"      // the name did not resolve
	ClassConnect  = "connect"  // refused, reset, unreachable
	ClassTLS      = "tls"      // handshake or certificate
	ClassTimeout  = "timeout"  // no answer in time
	ClassProtocol = "protocol" // not HTTP, or past a limit
	ClassUnknown  = "unknown"  // the process lost sight of the request; its number is used again
)

// Attempt is one HTTP request of a delivery.
type Attempt struct {
	N          int           // from 1
	At         time.Time     // when it began
	Duration   time.Duration // until the answer was read, or given up
	StatusCode int           // 0 if none came
	ErrorClass string        // "" where a status came
	Response   string        // the first 1 KiB of the answer, signing secrets masked
	Test       bool
}
