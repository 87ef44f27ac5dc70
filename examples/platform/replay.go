package main

import (
	"errors"
	"net/http"

	"github.com/kirimhooks/kirimhooks/sender"
)

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
		return answer{}, conflicting("not_replayable",
			"the delivery or a replay of it is unfinished, or its event or subscription is gone")
	case err != nil:
		return answer{}, err
	}
	return data(http.StatusCreated, replay{fresh, "webhook_delivery", id, string(sender.StatePending)})
}

// replayed is what a bulk replay did.
type replayed struct {
	Enqueued int `json:"enqueued"`
	span
}

func (a *api) replayDeliveries(r *http.Request, org *sender.Org) (answer, error) {
	q, err := chosen(r, org, sender.StateDead)
	if err != nil {
		return answer{}, err
	}
	var done replayed
	done.span, err = inBulk(r.Context(), org, q, org.ReplayAll, func(r sender.Replayed) string {
		done.Enqueued++
		return r.Old
	})
	if err != nil {
		return answer{}, err
	}
	return data(http.StatusOK, done)
}
