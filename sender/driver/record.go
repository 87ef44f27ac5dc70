package driver

import "time"

// SubscriptionRecord is a [Subscription] as a [Store] keeps it.
type SubscriptionRecord struct {
	Subscription
	Version int64
	Topics  []string // opaque; what an event must share
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
