package main

import (
	"context"
	"net/http"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/signature"
)

// change is what a PATCH says; what is missing, or null, stays as it is.
type change struct {
	url, description, status, secret *string
	events                           *[]string
	devices                          *[]device
}

// patchSubscription changes a subscription. The status changes last, everything else at once or not at all; a call that
// failed may be repeated as it is.
func (a *api) patchSubscription(r *http.Request, org *sender.Org) (answer, error) {
	id, err := pathID(r, subscriptionID)
	if err != nil {
		return answer{}, err
	}
	var c change
	if err := decode(r, fields{
		"url": &c.url, "description": &c.description, "events": &c.events, "devices": &c.devices,
		"status": &c.status, "secret": &c.secret,
	}); err != nil {
		return answer{}, err
	}
	if err := c.check(); err != nil {
		return answer{}, err
	}
	fresh, err := c.make(r.Context(), org, id)
	if err != nil {
		return answer{}, err
	}
	sub, err := org.Subscription(r.Context(), id)
	if err != nil {
		return answer{}, err
	}
	return data(http.StatusOK, show(sub, fresh))
}

// check refuses what the sender is never asked.
func (c *change) check() error {
	switch {
	case c.status != nil && *c.status != "active" && *c.status != "paused":
		return invalid("status", "must be active or paused")
	case c.secret != nil && *c.secret != "keep" && *c.secret != "renew":
		return invalid("secret", "must be keep or renew; it says what becomes of the secrets when the url moves")
	case c.secret != nil && c.url == nil:
		return invalid("secret", "comes with a url")
	case c.secret != nil && c.edits():
		return invalid("secret", "comes with a url and a status alone; change the rest before or afterwards")
	}
	return nil
}

// edits reports whether anything changes but url, status and secret.
func (c *change) edits() bool { return c.description != nil || c.events != nil || c.devices != nil }

// make does it, and returns the secret that the change made, if any.
func (c *change) make(ctx context.Context, org *sender.Org, id string) (fresh signature.Secret, err error) {
	switch {
	case c.secret != nil && *c.secret == "keep":
		_, err = org.MoveWithSecret(ctx, id, *c.url)
	case c.secret != nil:
		_, fresh, err = org.Move(ctx, id, *c.url)
	case c.url != nil || c.edits():
		_, err = org.Update(ctx, id, c.apply)
	}
	switch {
	case err != nil || c.status == nil:
		return fresh, err
	case *c.status == "active":
		return fresh, org.Resume(ctx, id)
	default:
		return fresh, org.Pause(ctx, id)
	}
}

func (c *change) apply(sub *sender.Subscription) {
	if c.url != nil {
		sub.URL = *c.url
	}
	if c.description != nil {
		sub.Description = *c.description
	}
	if c.events != nil {
		sub.Events = *c.events
	}
	if c.devices != nil {
		sub.Devices = senderDevices(*c.devices)
	}
}
