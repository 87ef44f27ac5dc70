package driver

import "time"

// State is where a delivery stands.
type State string

// The states of a delivery.
const (
	StatePending   State = "pending"
	StateHeld      State = "held" // pending, of an inactive subscription: derived when read, never stored
	StateDelivered State = "delivered"
	StateDead      State = "dead"      // after the last attempt or a permanent answer: a dead letter
	StateCancelled State = "cancelled" // by its owner, its subscription was removed, or its held backlog trimmed
)

// Reasons that stores write.
const (
	// ReasonUnreadable marks what a store cannot read: the Reason of a delivery that was set aside for it. In lists it
	// is the Delivery.Reason, Attempt.ErrorClass or Subscription.StatusReason of a row that does not decode.
	ReasonUnreadable = "unreadable"
	// ReasonCancelled is the Delivery.Reason of what Cancel ended, or will end once the attempt in flight is over.
	ReasonCancelled = "cancelled by its owner"
	// ReasonUnsubscribed is the Delivery.Reason of what waited for a subscription that was removed.
	ReasonUnsubscribed = "unsubscribed"
	// ReasonTrimmed is the Delivery.Reason of what Purge trimmed of a held backlog.
	ReasonTrimmed = "trimmed"
)

// Delivery is one event for one subscription.
type Delivery struct {
	ID             string // the same in all attempts; "wbd_…" wherever package sender shows it
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
	Live, Test   bool      // only those that Org.Test did not make, or only those that it did; neither selects both
	Since, Until time.Time // by CreatedAt: Since ≤ CreatedAt < Until
	After        string    // id of the last one seen; lists run from the newest to the oldest
	Limit        int       // of one page. Defaults to 100
}
