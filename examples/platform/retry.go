package main

import (
	"errors"
	"net/http"

	"github.com/kirimhooks/kirimhooks/sender"
)

func (a *api) retryDelivery(r *http.Request, org *sender.Org) (answer, error) {
	id, err := pathID(r, deliveryID)
	if err != nil {
		return answer{}, err
	}
	if err := decode(r, fields{}); err != nil {
		return answer{}, err
	}
	switch err := org.RetryNow(r.Context(), id); {
	case errors.Is(err, sender.ErrConflict):
		return answer{}, conflicting("not_waiting", "the delivery is finished, or its attempt is being made")
	case err != nil:
		return answer{}, err
	}
	d, err := org.Delivery(r.Context(), id)
	if err != nil {
		return answer{}, err
	}
	return data(http.StatusOK, showDelivery(d))
}

// retried is what a bulk retry did.
type retried struct {
	Retried int `json:"retried"`
	span
}

func (a *api) retryDeliveries(r *http.Request, org *sender.Org) (answer, error) {
	q, err := chosen(r, org, sender.StatePending, sender.StateHeld)
	if err != nil {
		return answer{}, err
	}
	var done retried
	done.span, err = inBulk(r.Context(), org, q, org.RetryAllNow, func(id string) string {
		done.Retried++
		return id
	})
	if err != nil {
		return answer{}, err
	}
	return data(http.StatusOK, done)
}
