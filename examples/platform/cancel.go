package main

import (
	"errors"
	"net/http"

	"github.com/kirimhooks/kirimhooks/sender"
)

func (a *api) cancelDelivery(r *http.Request, org *sender.Org) (answer, error) {
	id, err := pathID(r, deliveryID)
	if err != nil {
		return answer{}, err
	}
	if err := decode(r, fields{}); err != nil {
		return answer{}, err
	}
	switch err := org.Cancel(r.Context(), id); {
	case errors.Is(err, sender.ErrConflict):
		return answer{}, conflicting("finished", "the delivery is finished")
	case err != nil:
		return answer{}, err
	}
	d, err := org.Delivery(r.Context(), id)
	if err != nil {
		return answer{}, err
	}
	return data(http.StatusOK, showDelivery(d))
}

// cancelled is what a bulk cancellation did. Ending ones are in flight, and end with their attempt.
type cancelled struct {
	Cancelled int `json:"cancelled"`
	Ending    int `json:"ending"`
	span
}

func (a *api) cancelDeliveries(r *http.Request, org *sender.Org) (answer, error) {
	q, err := chosen(r, org, sender.StatePending, sender.StateHeld)
	if err != nil {
		return answer{}, err
	}
	var done cancelled
	done.span, err = inBulk(r.Context(), org, q, org.CancelAll, func(c sender.Cancelled) string {
		if c.Ended {
			done.Cancelled++
		} else {
			done.Ending++
		}
		return c.ID
	})
	if err != nil {
		return answer{}, err
	}
	return data(http.StatusOK, done)
}
