package driver

import "context"

// Directory keeps subscriptions.
type Directory interface {
	// PutSubscription creates a subscription at Version 0, else replaces it, and returns the new version. ErrConflict:
	// the id to create exists, or the version to replace is another. ErrNotFound: what to replace is gone. It never
	// writes Health, except that a change of Status to StatusActive zeroes it, and so does a change of URL.
	PutSubscription(ctx context.Context, s SubscriptionRecord) (version int64, err error)
	// DeleteSubscription removes it. From then on none of its deliveries is claimed, and unfinished ones read as
	// StateCancelled, at once or by a later Purge.
	DeleteSubscription(ctx context.Context, org, id string) error
	// Subscriptions lists by id, ascending in bytes, after the cursor. IDs, if given, picks those, and unknown ones are
	// left out. One that does not decode has its Org, ID and Version, StatusDisabled, and ReasonUnreadable as its
	// StatusReason, and nothing else. A Put at that version replaces it, and Delete removes it.
	Subscriptions(ctx context.Context, q SubscriptionQuery) ([]SubscriptionRecord, error)
}

// SubscriptionQuery selects subscriptions of one org.
type SubscriptionQuery struct {
	Org   string
	IDs   []string
	After string // id of the last one seen
	Limit int    // 0 = all
}
