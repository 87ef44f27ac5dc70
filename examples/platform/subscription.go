package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/signature"
)

// subscription is how one is shown.
type subscription struct {
	ID            string    `json:"id"`
	Object        string    `json:"object"`
	URL           string    `json:"url"`
	Description   string    `json:"description"`
	Contract      string    `json:"contract"`
	Status        string    `json:"status"`
	StatusReason  string    `json:"status_reason"`
	Events        []string  `json:"events"`
	Devices       []device  `json:"devices,omitempty"`
	Secrets       []secret  `json:"secrets"`
	CreatedAt     time.Time `json:"created_at"`
	InitialSecret string    `json:"initial_secret,omitempty"`
}

// secret is what is shown of one after the call that made it.
type secret struct {
	ID        string     `json:"id"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt *time.Time `json:"expires_at"`
}

type deleted struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Deleted bool   `json:"deleted"`
}

type device struct {
	ID      string `json:"id"`
	Channel string `json:"channel"`
}

// UnmarshalJSON takes a device on WhatsApp by its id alone, too.
func (d *device) UnmarshalJSON(b []byte) error {
	d.Channel = "whatsapp"
	if b[0] == '"' {
		return json.Unmarshal(b, &d.ID)
	}
	type plain device
	strict := json.NewDecoder(bytes.NewReader(b))
	strict.DisallowUnknownFields()
	if strict.Decode((*plain)(d)) != nil {
		return invalid("devices", `each must be {"id", "channel"}, or an id alone for whatsapp`)
	}
	return nil
}

// show presents a subscription, with a secret that is shown this once, if there is one.
func show(sub sender.Subscription, fresh signature.Secret) subscription {
	v := subscription{
		ID: sub.ID, Object: "webhook_subscription", URL: sub.URL, Description: sub.Description,
		Contract: sub.Contract, Status: string(sub.Status), StatusReason: sub.StatusReason,
		Events: sub.Events, Secrets: []secret{}, CreatedAt: sub.CreatedAt.UTC(), InitialSecret: fresh.Reveal(),
	}
	for _, d := range sub.Devices {
		v.Devices = append(v.Devices, device(d))
	}
	for _, s := range sub.Secrets {
		v.Secrets = append(v.Secrets, secret{s.ID, s.CreatedAt.UTC(), moment(s.ExpiresAt)})
	}
	return v
}

// moment is null where at is zero.
func moment(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.UTC()
	return &at
}

func senderDevices(list []device) []sender.Device {
	var devices []sender.Device
	for _, d := range list {
		devices = append(devices, sender.Device(d))
	}
	return devices
}

func (a *api) createSubscription(r *http.Request, org *sender.Org) (answer, error) {
	var sub sender.Subscription
	var devices []device
	var own *string
	if err := decode(r, fields{
		"url": &sub.URL, "events": &sub.Events, "description": &sub.Description, "devices": &devices,
		"contract": &sub.Contract, "secret": &own,
	}); err != nil {
		return answer{}, err
	}
	if sub.URL == "" {
		return answer{}, missing("url")
	}
	sub.Devices = senderDevices(devices)
	made, fresh, err := org.Subscribe(r.Context(), sub, ownSecret(own)...)
	if err != nil {
		return answer{}, err
	}
	return data(http.StatusCreated, show(made, fresh))
}

// ownSecret is the secret that the caller brings, if any.
func ownSecret(text *string) []signature.Secret {
	if text == nil {
		return nil
	}
	return []signature.Secret{signature.NewSecret(*text)}
}

func (a *api) listSubscriptions(r *http.Request, org *sender.Org) (answer, error) {
	q, err := query(r, "cursor", "limit")
	if err != nil {
		return answer{}, err
	}
	limit, err := limitOf(q)
	if err != nil {
		return answer{}, err
	}
	if err := idParam("cursor", q["cursor"], subscriptionID); err != nil {
		return answer{}, err
	}
	var read []subscription
	for sub, err := range org.Subscriptions(r.Context(), sender.SubscriptionQuery{After: q["cursor"], Limit: limit + 1}) {
		if err != nil {
			return answer{}, err
		}
		read = append(read, show(sub, signature.Secret{}))
	}
	return page(read, limit, func(s subscription) string { return s.ID })
}

func (a *api) getSubscription(r *http.Request, org *sender.Org) (answer, error) {
	id, err := pathID(r, subscriptionID)
	if err != nil {
		return answer{}, err
	}
	sub, err := org.Subscription(r.Context(), id)
	if err != nil {
		return answer{}, err
	}
	return data(http.StatusOK, show(sub, signature.Secret{}))
}

func (a *api) deleteSubscription(r *http.Request, org *sender.Org) (answer, error) {
	id, err := pathID(r, subscriptionID)
	if err != nil {
		return answer{}, err
	}
	if err := org.Unsubscribe(r.Context(), id); err != nil {
		return answer{}, err
	}
	return data(http.StatusOK, deleted{id, "webhook_subscription", true})
}
