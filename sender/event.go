package sender

import (
	"context"
	"fmt"
	"iter"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// StoredEvent is an event as it was published.
type StoredEvent = driver.StoredEvent

// EventQuery selects events of one org. Zero fields select all.
type EventQuery = driver.EventQuery

// Events yields the events that q selects, newest first and without their bodies, which Event gives. So those are
// found, too, that have no delivery. q.Limit bounds the whole; 0 means all. A page is a query with a Limit, and the
// next one has the last ID seen as its After: [ErrNotFound] if that is not known, or has been purged. An error ends the
// sequence.
func (o *Org) Events(ctx context.Context, q EventQuery) iter.Seq2[StoredEvent, error] {
	q.Org = o.id
	return pages(listPage, q.Limit, q.After, func(after string, limit int) ([]StoredEvent, error) {
		q := q
		q.After, q.Limit = after, limit
		list, err := o.s.store.Events(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("sender: events: %w", bare(err))
		}
		return list, nil
	}, func(e StoredEvent) string { return e.Event.ID })
}

// Erase deletes whatever the store has of the org: subscriptions and their secrets, events, deliveries, attempts,
// counts. Its subscriptions go first, so that no attempt begins any more; one in flight ends. It works in many
// transactions. If it fails, or ctx ends it, call it again to go on. It returns how many rows went.
//
// What is published meanwhile, and what a Sender with another store keeps, is not its business: stop the tenant first.
func (o *Org) Erase(ctx context.Context) (rows int, err error) {
	const step = 1000
	for {
		n, err := o.s.store.Erase(ctx, o.id, step)
		rows += n
		if err != nil {
			return rows, fmt.Errorf("sender: erase org %s: %w", o.id, bare(err))
		}
		if n == 0 {
			return rows, nil
		}
	}
}
