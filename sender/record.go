package sender

import (
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
)

// Publication is one event on its way into a [Store].
type Publication struct {
	Org    string
	Event  envelope.Event
	Topics []string // what a subscription must share; opaque, at most 64 of at most 1 KiB
	Digest [32]byte // equal digests = the same event: sha256 of Body, all zero for source meta
	Trace  string   // W3C traceparent, given back with the event
	Only   string   // this subscription alone, whatever its status and topics: a test delivery
}

// Enqueued is the result of one [Publication].
type Enqueued struct {
	Deliveries int      // how many were made; 0 for a duplicate
	Duplicate  bool     // the (org, event id) was known
	Inactive   []string // matched subscriptions that are not active, at most 16; none for Publication.Only
	Err        error    // this one's failure: ErrConflict, ErrNotFound, ErrInvalid
}

// ClaimRequest says what a process can take.
type ClaimRequest struct {
	Worker          string         // who asks, for people who look into the store
	Limit           int            // at most so many in all
	PerSubscription int            // at most so many of a subscription that Quota does not list
	Quota           map[string]int // subscription id (unique over orgs) → how many more; 0 = none. A few thousand at most; not to be kept
	Lease           time.Duration
	Shards          []int // SubscriptionRecord.Shard of what is wanted; nil = all
}

// Claims is what a [Queue] gave.
type Claims struct {
	Claims []Claim
	// NextDue is, when len(Claims) < Limit, how long until something falls due; 0 = nothing known. Work that
	// only quota held back is left out, and leases that will run out may be.
	NextDue time.Duration
	More    bool // the scan was cut short: call again at once. False after a whole round that gave nothing
	// Unreadable are due deliveries that could not be leased, and that the store has ended: see [Queue]. They count
	// towards the limit, and More is true beside them.
	Unreadable []Unreadable
}

// Unreadable is a delivery that no attempt can be made of, since its row, its event's or its subscription's does not decode.
type Unreadable struct {
	Delivery Delivery // as it ended: dead, with ReasonUnreadable; what cannot be read of it is zero
	Err      error    // which row, and what is wrong with it; never a body or a secret
}

// ReasonUnreadable marks what a store cannot read: the Reason of a delivery that was set aside for it, and in lists the
// Delivery.Reason, Attempt.ErrorClass or Subscription.StatusReason of a row that does not decode.
const ReasonUnreadable = "unreadable"

// Claim is one leased delivery with all that an attempt needs. Event and Subscription may be shared between claims
// and must not be modified.
type Claim struct {
	Delivery     Delivery
	Token        string
	Ref          any // the store's own, given back in Outcome
	Lapses       int // leases that ran out unsettled: attempts of unknown result
	Event        *StoredEvent
	Subscription *SubscriptionRecord
}

// Outcome is what became of a claimed delivery.
type Outcome struct {
	Org, DeliveryID, Token string
	EventID, Subscription  string
	Ref                    any
	State                  State         // StatePending (again after After), StateDelivered, StateDead or StateCancelled
	After                  time.Duration // StatePending only
	Reason                 string        // why it ended, e.g. "exhausted", or why it waits
	Attempt                *Attempt      // nil: no request was made. At is set by the store: its clock less Duration
	Health                 HealthEvent
}

// Settled is the store's answer to one [Outcome].
type Settled struct {
	Applied bool
	// Cancelled: Cancel was called meanwhile, and the delivery ended in StateCancelled instead of the outcome's state.
	// Also in a repeat.
	Cancelled bool
	Health    Health // of the subscription, after the batch
}

// HealthEvent says how an outcome counts for its subscription.
type HealthEvent int

// How an outcome counts.
const (
	HealthUnchanged HealthEvent = iota // retry, release, test, replay
	HealthSuccess                      // zeroes
	HealthDead                         // ConsecutiveDead + 1
)

// Health is what a [Contract] judges a subscription by.
type Health struct {
	ConsecutiveDead int
	FailingFor      time.Duration // since the first dead of the row, by the store's clock
}

// SubscriptionRecord is a [Subscription] as a [Store] keeps it.
type SubscriptionRecord struct {
	Subscription
	Version int64
	Topics  []string // opaque; what an event must share
	Shard   int      // 0 to 63, set by the store for life
	Sealed  []SecretRecord
	Health  Health // set by the store
}

// SecretRecord is one signing secret at rest.
type SecretRecord struct {
	ID        string
	Sealed    []byte // as Config.Sealer made it
	CreatedAt time.Time
	ExpiresAt time.Time // zero: never
}

// StoredEvent is an event as it was published.
type StoredEvent struct {
	Org         string
	Event       envelope.Event
	PublishedAt time.Time
	Trace       string
}

// ReplayRequest says what to repeat.
type ReplayRequest struct {
	DeliveryQuery
	Named bool // a person named the deliveries by IDs: what became of later ones of the same event does not matter
}

// Replayed is one delivery and the delivery that repeats it.
type Replayed struct{ Old, New string }

// ReasonCancelled is the Delivery.Reason of what Cancel ended, or will end once the attempt in flight is over.
const ReasonCancelled = "cancelled by its owner"

// Cancelled is one delivery that Cancel ended, or marked.
type Cancelled struct {
	ID    string
	Ended bool // false: it is in flight, and ends with its attempt
}

// PurgeRequest says what may be forgotten.
type PurgeRequest struct {
	Finished time.Duration // age of finished deliveries, counted from the moment they finished
	Identity time.Duration // age of event identities, counted from publication; at least 24 h
	HeldAge  time.Duration // age of held deliveries
	HeldMax  int           // held deliveries per subscription
	Limit    int           // rows of one call
}

// Purged counts what a Purge removed.
type Purged struct {
	Deliveries int // finished deliveries
	Events     int
	Held       int // held deliveries that were trimmed
}

// Counts are the deliveries of an org by what they wait for: a worker, a retry, their subscription. Those in flight may
// be left out. Dead ones are those that Retention has not let go.
type Counts struct{ Due, Waiting, Held, Dead int }

// SubscriptionQuery selects subscriptions of one org.
type SubscriptionQuery struct {
	Org   string
	IDs   []string
	After string // id of the last one seen
	Limit int    // 0 = all
}

// Minute is one minute of a subscription, or of an org.
type Minute struct {
	At                time.Time
	Delivered, Failed int     // attempts that succeeded; that did not
	Durations         [12]int // attempts by Bucket
}

// Bucket gives the index of d in Durations: bucket 0 holds up to 5 ms, each next one up to twice as
// much (5 ms, 10 ms, 20 ms … 5.12 s), the last all that is longer.
func (m Minute) Bucket(d time.Duration) int {
	bound := 5 * time.Millisecond
	for i := range len(m.Durations) - 1 {
		if d <= bound {
			return i
		}
		bound *= 2
	}
	return len(m.Durations) - 1
}
