package sender

import (
	"context"
	"fmt"
	"iter"
)

// RetryNow makes a delivery due at once that waits for a retry. It stays the same delivery: its attempts go on
// counting, and if the next one fails too, what is left of its schedule follows. One that is held goes out as soon as
// its subscription is active again. One that is due already stays so, which is no error.
//
// Errors: [ErrNotFound]; [ErrConflict] if the delivery is finished, or its attempt is being made.
func (o *Org) RetryNow(ctx context.Context, deliveryID string) error {
	// An attempt that fails between the two looks makes a delivery wait that did not: then both are worth repeating.
	const tries = 2
	for range tries {
		ids, err := o.s.store.RetryNow(ctx, DeliveryQuery{Org: o.id, IDs: []string{stored(deliveryID)}, Limit: 1})
		if err != nil {
			return fmt.Errorf("sender: retry %s: %w", deliveryID, bare(err))
		}
		if len(ids) == 1 {
			o.s.wake()
			return nil
		}
		d, err := o.Delivery(ctx, deliveryID)
		switch {
		case err != nil:
			return err
		case finished(&d):
			return fmt.Errorf("sender: retry %s: it is %s already: %w", deliveryID, d.State, bare(ErrConflict))
		case d.NextAt.IsZero():
			return fmt.Errorf("sender: retry %s: attempt %d is being made: %w", deliveryID, d.Attempt+1, bare(ErrConflict))
		}
	}
	return nil // it is due
}

// RetryAllNow makes the deliveries due at once that q selects and that wait for a retry, newest first, page by page,
// and yields the id of each. Like ReplayAll it may be resumed with q.After, works by pages of 500, and takes q.Limit
// for the whole. An error ends the sequence.
func (o *Org) RetryAllNow(ctx context.Context, q DeliveryQuery) iter.Seq2[string, error] {
	return changes(o.query(q), func(q DeliveryQuery) ([]string, error) {
		ids, err := o.s.store.RetryNow(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("sender: retry: %w", bare(err))
		}
		o.s.wake()
		for i := range ids {
			ids[i] = deliveryPrefix + ids[i]
		}
		return ids, nil
	}, func(id string) string { return id })
}
