package sender

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Event returns a published event, until Retention forgets it.
func (o *Org) Event(ctx context.Context, id string) (StoredEvent, error) {
	ev, err := o.s.store.Event(ctx, o.id, id)
	if err != nil {
		return StoredEvent{}, fmt.Errorf("sender: event %s: %w", id, bare(err))
	}
	return ev, nil
}

// Delivery returns one.
func (o *Org) Delivery(ctx context.Context, id string) (Delivery, error) {
	for d, err := range o.Deliveries(ctx, DeliveryQuery{IDs: []string{id}, Limit: 1}) {
		return d, err
	}
	return Delivery{}, fmt.Errorf("sender: delivery %s: %w", id, bare(ErrNotFound))
}

// Deliveries yields what q selects, newest first; q.Limit, if set, bounds the whole, and q.After resumes. An error
// ends the sequence.
func (o *Org) Deliveries(ctx context.Context, q DeliveryQuery) iter.Seq2[Delivery, error] {
	q = o.query(q)
	return pages(listPage, q.Limit, q.After, func(after string, limit int) ([]Delivery, error) {
		q := q
		q.After, q.Limit = after, limit
		list, err := o.s.store.Deliveries(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("sender: deliveries: %w", bare(err))
		}
		for i := range list {
			list[i] = shown(list[i])
		}
		return list, nil
	}, func(d Delivery) string { return stored(d.ID) })
}

// query confines q to the org and turns shown ids into stored ones.
func (o *Org) query(q DeliveryQuery) DeliveryQuery {
	q.Org = o.id
	q.After = stored(q.After)
	q.IDs = slices.Clone(q.IDs)
	for i := range q.IDs {
		q.IDs[i] = stored(q.IDs[i])
	}
	return q
}

// Attempts lists the attempts of a delivery in the order in which they were logged.
func (o *Org) Attempts(ctx context.Context, deliveryID string) ([]Attempt, error) {
	list, err := o.s.store.Attempts(ctx, o.id, stored(deliveryID))
	if err != nil {
		return nil, fmt.Errorf("sender: attempts of %s: %w", deliveryID, bare(err))
	}
	return list, nil
}

// Minute is one minute of a subscription, or of an org.
type Minute = driver.Minute

// Minutes gives the attempts of each minute of the last back, oldest first; those without one are left out. sub ""
// means the whole org.
func (o *Org) Minutes(ctx context.Context, sub string, back time.Duration) ([]Minute, error) {
	list, err := o.s.store.Minutes(ctx, o.id, sub, back)
	if err != nil {
		return nil, fmt.Errorf("sender: minutes: %w", bare(err))
	}
	return list, nil
}
