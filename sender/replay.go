package sender

import (
	"context"
	"fmt"
	"iter"
)

// Replay makes a new delivery of a finished one: the same event id, a new delivery id, attempts from 1. It is sent to
// the subscription as it is now. A replay leaves the subscription's health alone.
//
// Errors: [ErrNotFound]; [ErrConflict] while the delivery, or an earlier replay of it, is unfinished, or if its event or
// subscription is gone.
func (o *Org) Replay(ctx context.Context, deliveryID string) (newID string, err error) {
	replayed, err := o.s.store.Replay(ctx, DeliveryQuery{Org: o.id, IDs: []string{stored(deliveryID)}, Limit: 1})
	if err != nil {
		return "", fmt.Errorf("sender: replay %s: %w", deliveryID, bare(err))
	}
	if len(replayed) == 1 {
		o.s.poke()
		return deliveryPrefix + replayed[0].New, nil
	}
	d, err := o.Delivery(ctx, deliveryID)
	if err != nil {
		return "", err
	}
	why := "an earlier replay is unfinished, or its event or subscription is gone"
	if d.State == StatePending || d.State == StateHeld {
		why = "it is unfinished itself"
	}
	return "", fmt.Errorf("sender: replay %s: %s: %w", deliveryID, why, bare(ErrConflict))
}

// ReplayAll replays the finished deliveries that q selects, newest first, page by page, and yields one Replayed for each.
// Those whose replay is unfinished are passed over. It may be resumed with q.After set to the last Old seen; as it works
// by pages, up to 500 more may have been replayed by the time it is stopped, and q.Limit, which bounds the whole, is the
// way to replay an exact number. An error ends the sequence.
func (o *Org) ReplayAll(ctx context.Context, q DeliveryQuery) iter.Seq2[Replayed, error] {
	const page = 500
	return func(yield func(Replayed, error) bool) {
		q := o.query(q)
		most := q.Limit
		for n := 0; most == 0 || n < most; {
			q.Limit = page
			if most > 0 {
				q.Limit = min(page, most-n)
			}
			replayed, err := o.s.store.Replay(ctx, q)
			if err != nil {
				yield(Replayed{}, fmt.Errorf("sender: replay: %w", bare(err)))
				return
			}
			o.s.poke()
			for _, r := range replayed {
				q.After = r.Old
				n++
				if !yield(Replayed{Old: deliveryPrefix + r.Old, New: deliveryPrefix + r.New}, nil) {
					return
				}
			}
			if len(replayed) < q.Limit {
				return
			}
		}
	}
}

// poke tells this process's Run that there is work.
func (s *Sender) poke() {
	if r := s.runner.Load(); r != nil {
		r.poke()
	}
}
