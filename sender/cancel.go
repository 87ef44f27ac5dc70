package sender

import (
	"context"
	"fmt"
	"iter"
)

// Cancel ends a delivery that waits or is held, in [StateCancelled]. One whose attempt is being made finishes that
// attempt first: it ends delivered if that succeeds, else cancelled. Cancelling it once more changes nothing, and is no
// error. A cancelled delivery can be replayed.
//
// Errors: [ErrNotFound]; [ErrConflict] if the delivery is finished.
func (o *Org) Cancel(ctx context.Context, deliveryID string) error {
	cancelled, err := o.s.store.Cancel(ctx, DeliveryQuery{Org: o.id, IDs: []string{stored(deliveryID)}, Limit: 1})
	if err != nil {
		return fmt.Errorf("sender: cancel %s: %w", deliveryID, bare(err))
	}
	if len(cancelled) == 1 {
		o.tellCancelled(ctx, cancelled)
		return nil
	}
	d, err := o.Delivery(ctx, deliveryID)
	switch {
	case err != nil:
		return err
	case finished(&d):
		return fmt.Errorf("sender: cancel %s: it is %s already: %w", deliveryID, d.State, bare(ErrConflict))
	}
	return nil // it ends with its attempt, as somebody has asked before
}

// CancelAll cancels the unfinished deliveries that q selects, newest first, page by page, and yields one Cancelled for
// each. Like ReplayAll it may be resumed with q.After, works by pages of 500, and takes q.Limit for the whole. What is
// published meanwhile is not cancelled. An error ends the sequence.
func (o *Org) CancelAll(ctx context.Context, q DeliveryQuery) iter.Seq2[Cancelled, error] {
	return changes(o.query(q), func(q DeliveryQuery) ([]Cancelled, error) {
		cancelled, err := o.s.store.Cancel(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("sender: cancel: %w", bare(err))
		}
		o.tellCancelled(ctx, cancelled)
		for i := range cancelled {
			cancelled[i].ID = deliveryPrefix + cancelled[i].ID
		}
		return cancelled, nil
	}, func(c Cancelled) string { return c.ID })
}

// tellCancelled tells of deliveries that have ended. Those in flight are told of by whoever makes their attempt.
func (o *Org) tellCancelled(ctx context.Context, cancelled []Cancelled) {
	hook := o.s.cfg.Hooks.Finished
	var ended []string
	for _, c := range cancelled {
		if c.Ended {
			ended = append(ended, c.ID)
		}
	}
	if hook == nil || len(ended) == 0 {
		return
	}
	list, err := o.s.store.Deliveries(ctx, DeliveryQuery{Org: o.id, IDs: ended, Limit: len(ended)})
	if err != nil {
		o.s.storeFailed(ctx, "deliveries", err)
		return
	}
	for _, d := range list {
		o.s.guarded(ctx, "Finished", func() { hook(ctx, shown(d)) })
	}
}
