package driver

import "time"

// Outcome is what became of a claimed delivery.
type Outcome struct {
	Org, DeliveryID, Token string
	EventID, Subscription  string
	Ref                    any
	State                  State         // StatePending (again after After) or one that ends it
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
