package main

import (
	"net/http"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/signature"
)

// longestOverlap of an old secret with the new one, in hours: 30 days.
const longestOverlap = 720

// newSecret shows a secret in full, this once. What else there is to know of it stands in its subscription.
type newSecret struct {
	Object         string `json:"object"`
	SubscriptionID string `json:"subscription_id"`
	Secret         string `json:"secret"`
}

// rotateSecret makes a new secret, or takes the caller's. The older ones sign beside it for expires_in_hours: 24 unless
// the call says otherwise, or none where the contract has room for one secret.
func (a *api) rotateSecret(r *http.Request, org *sender.Org) (answer, error) {
	id, err := pathID(r, subscriptionID)
	if err != nil {
		return answer{}, err
	}
	var hours *float64
	var own *string
	if err := decode(r, fields{"expires_in_hours": &hours, "secret": &own}); err != nil {
		return answer{}, err
	}
	sub, err := org.Subscription(r.Context(), id)
	if err != nil {
		return answer{}, err
	}
	contract := a.contract(sub.Contract)
	overlap := 24.0
	switch {
	case hours != nil:
		overlap = *hours
	case contract.Secrets.Single:
		overlap = 0
	}
	switch {
	case overlap < 0 || overlap > longestOverlap:
		return answer{}, invalid("expires_in_hours", "must be 0 to 720")
	case overlap > 0 && contract.Secrets.Single:
		return answer{}, invalid("expires_in_hours",
			contract.Name+" has room for one secret, which a new one replaces at once")
	}
	how := sender.Rotation{Overlap: time.Duration(overlap * float64(time.Hour))}
	if own != nil {
		if *own == "" {
			return answer{}, invalid("secret", "is empty; leave it out to have one made")
		}
		how.Secret = signature.NewSecret(*own)
	}
	fresh, err := org.RotateSecret(r.Context(), id, how)
	if err != nil {
		return answer{}, err
	}
	return data(http.StatusCreated, newSecret{"webhook_secret", id, fresh.Reveal()})
}
