package main

import (
	"net/http"

	"github.com/kirimhooks/kirimhooks/sender"
)

// trial is what came of a test; a successful one may have made its subscription active.
type trial struct {
	Object             string  `json:"object"`
	SubscriptionID     string  `json:"subscription_id"`
	SubscriptionStatus string  `json:"subscription_status"`
	Delivered          bool    `json:"delivered"`
	Attempt            attempt `json:"attempt"`
}

// testSubscription sends a sample at once and answers with what came of it. An endpoint that failed is no error of this
// call.
func (a *api) testSubscription(r *http.Request, org *sender.Org) (answer, error) {
	id, err := pathID(r, subscriptionID)
	if err != nil {
		return answer{}, err
	}
	var t sender.TestRequest
	if err := decode(r, fields{"type": &t.Type, "channel": &t.Channel}); err != nil {
		return answer{}, err
	}
	made, err := org.Test(r.Context(), id, t)
	if err != nil {
		return answer{}, err
	}
	return data(http.StatusOK, trial{
		Object: "webhook_test", SubscriptionID: id, SubscriptionStatus: string(made.Status),
		Delivered: made.Delivered, Attempt: showAttempt(made.Attempt),
	})
}
