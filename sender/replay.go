package sender

import (
	"context"
	"fmt"
	"iter"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Replay makes a new delivery of a finished one: the same event id, a new delivery id, attempts from 1. It is sent to
// the subscription as it is now, whatever became of later deliveries of the same event: a person asked for this one. A
// replay leaves the subscription's health alone.
//
// Errors: [ErrNotFound]; [ErrConflict] while the delivery, or an earlier replay of it, is unfinished, or if its event
// or subscription is gone.
func (o *Org) Replay(ctx context.Context, deliveryID string) (newID string, err error) {
	named := DeliveryQuery{Org: o.id, IDs: []string{stored(deliveryID)}, Limit: 1}
	replayed, err := o.s.store.Replay(ctx, driver.ReplayRequest{DeliveryQuery: named, Named: true})
	if err != nil {
		return "", fmt.Errorf("sender: replay %s: %w", deliveryID, bare(err))
	}
	if len(replayed) == 1 {
		o.s.wake()
		return deliveryPrefix + replayed[0].New, nil
	}
	d, err := o.Delivery(ctx, deliveryID)
	if err != nil {
		return "", err
	}
	why := "an earlier replay is unfinished, or its event or subscription is gone"
	if !finished(&d) {
		why = "it is unfinished itself"
	}
	return "", fmt.Errorf("sender: replay %s: %s: %w", deliveryID, why, bare(ErrConflict))
}

// ReplayAll replays the finished deliveries that q selects, newest first, page by page, and yields one Replayed for
// each. Of one event and subscription it makes one new delivery at most, and none if a later one than those selected
// was delivered or is unfinished. So the same call made again sends nothing that has arrived meanwhile, nor anything
// twice.
//
// It may be resumed with q.After set to the last Old seen; as it works by pages, up to 500 more may have been replayed
// by the time it is stopped, and q.Limit, which bounds the whole, is the way to replay an exact number. An error ends
// the sequence.
func (o *Org) ReplayAll(ctx context.Context, q DeliveryQuery) iter.Seq2[Replayed, error] {
	return changes(o.query(q), func(q DeliveryQuery) ([]Replayed, error) {
		replayed, err := o.s.store.Replay(ctx, driver.ReplayRequest{DeliveryQuery: q})
		if err != nil {
			return nil, fmt.Errorf("sender: replay: %w", bare(err))
		}
		o.s.wake()
		for i, r := range replayed {
			replayed[i] = Replayed{Old: deliveryPrefix + r.Old, New: deliveryPrefix + r.New}
		}
		return replayed, nil
	}, func(r Replayed) string { return r.Old })
}
