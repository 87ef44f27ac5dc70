package sender

import (
	"context"
	"iter"
)

// Org is one tenant's view of a [Sender]. An id of another tenant and one that does not exist both give [ErrNotFound].
// Besides the errors that a method names, each returns those of the store, wrapped. All methods may be called
// concurrently.
type Org struct {
	s  *Sender
	id string
}

// Subscription returns one.
func (o *Org) Subscription(ctx context.Context, id string) (Subscription, error) {
	r, err := o.record(ctx, id)
	if err != nil {
		return Subscription{}, err
	}
	return shownSubscription(&r), nil
}

// Subscriptions yields those that q selects, by id; the zero query all. A page of a list is a query with a Limit, and
// the next one has the last ID seen as its After. An error ends the sequence.
func (o *Org) Subscriptions(ctx context.Context, q SubscriptionQuery) iter.Seq2[Subscription, error] {
	return func(yield func(Subscription, error) bool) {
		for r, err := range o.records(ctx, q) {
			if !yield(shownSubscription(&r), err) {
				return
			}
		}
	}
}
