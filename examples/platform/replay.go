package main

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"github.com/kirimhooks/kirimhooks/sender"
)

// maxReplays of one call.
const maxReplays = 1000

// replay is the new delivery that repeats another.
type replay struct {
	ID           string `json:"id"`
	Object       string `json:"object"`
	ReplayedFrom string `json:"replayed_from"`
	Status       string `json:"status"`
}

func (a *api) replayDelivery(r *http.Request, org *sender.Org) (answer, error) {
	id, err := pathID(r, deliveryID)
	if err != nil {
		return answer{}, err
	}
	if err := decode(r, fields{}); err != nil {
		return answer{}, err
	}
	fresh, err := org.Replay(r.Context(), id)
	switch {
	case errors.Is(err, sender.ErrConflict):
		return answer{}, conflicting("not_replayable", "the delivery or a replay of it is unfinished, or its event or subscription is gone")
	case err != nil:
		return answer{}, err
	}
	return data(http.StatusCreated, replay{fresh, "webhook_delivery", id, string(sender.StatePending)})
}

// bulk is what a bulk replay did. Capped says that more was selected than one call replays: next_cursor then continues.
type bulk struct {
	Enqueued   int     `json:"enqueued"`
	Capped     bool    `json:"capped"`
	NextCursor *string `json:"next_cursor,omitempty"`
}

func (a *api) replayDeliveries(r *http.Request, org *sender.Org) (answer, error) {
	var s selection
	if err := decode(r, fields{
		"subscription_id": &s.subscription, "status": &s.status, "event_type": &s.eventType,
		"created_after": &s.createdAfter, "created_before": &s.createdBefore, "cursor": &s.cursor,
	}); err != nil {
		return answer{}, err
	}
	if s.subscription == "" {
		return answer{}, missing("subscription_id")
	}
	s.status = cmp.Or(s.status, "dead")
	if states[s.status] != sender.StateDead {
		return answer{}, invalid("status", "must be failed or dead")
	}
	q, err := s.query()
	if err != nil {
		return answer{}, err
	}
	if _, err := org.Subscription(r.Context(), s.subscription); err != nil {
		return answer{}, err
	}
	b, err := replayAll(r.Context(), org, q)
	if err != nil {
		return answer{}, lostCursor(err)
	}
	return data(http.StatusOK, b)
}

func replayAll(ctx context.Context, org *sender.Org, q sender.DeliveryQuery) (b bulk, err error) {
	q.Limit = maxReplays
	for replayed, err := range org.ReplayAll(ctx, q) {
		if err != nil {
			return b, err
		}
		b.Enqueued++
		q.After = replayed.Old
	}
	if b.Enqueued < maxReplays {
		return b, nil
	}
	q.Limit = 1
	for _, err := range org.Deliveries(ctx, q) {
		if err != nil {
			return b, err
		}
		b.Capped, b.NextCursor = true, &q.After
	}
	return b, nil
}
