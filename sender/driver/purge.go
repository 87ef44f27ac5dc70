package driver

import "time"

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
