package driver

import "time"

// ClaimRequest says what a process can take.
type ClaimRequest struct {
	Worker          string // who asks, for people who look into the store
	Limit           int    // at most so many in all
	PerSubscription int    // at most so many of a subscription that Quota does not list
	// Quota is how many more each subscription may have, by its id, which is unique over orgs; 0 = none. It has a few
	// thousand at most, and is not to be kept.
	Quota map[string]int
	Lease time.Duration
}

// Claims is what a [Queue] gave.
type Claims struct {
	Claims []Claim
	// NextDue is, when len(Claims) < Limit, how long until something falls due; 0 = nothing known. Work that only quota
	// held back is left out, and leases that will run out may be.
	NextDue time.Duration
	More    bool // the scan was cut short: call again at once. False after a whole round that gave nothing
	// Unreadable are due deliveries that could not be leased, and that the store has ended: see [Queue]. They count
	// towards the limit, and More is true beside them.
	Unreadable []Unreadable
}

// Claim is one leased delivery with all that an attempt needs. Event and Subscription may be shared between claims and
// must not be modified.
type Claim struct {
	Delivery     Delivery
	Token        string
	Ref          any // the store's own, given back in Outcome
	Lapses       int // leases that ran out unsettled: attempts of unknown result
	Event        *StoredEvent
	Subscription *SubscriptionRecord
}

// Unreadable is a delivery that no attempt can be made of: its row, its event's or its subscription's does not decode.
type Unreadable struct {
	Delivery Delivery // as it ended: dead, with ReasonUnreadable; what cannot be read of it is zero
	Err      error    // which row, and what is wrong with it; never a body or a secret
}
