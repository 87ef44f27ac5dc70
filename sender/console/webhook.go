package console

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/internal/dashboard"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/signature"
)

// webhookPage is one subscription.
type webhookPage struct {
	webhookRow
	HeaderNames []string
	Secrets     []sender.SecretInfo // those that still sign, newest first
	Overlap     bool                // several sign, so that the older can be ended
	Rotation    rotationForm
	Recent      []deliveryRow
}

// rotationForm offers how long older secrets go on signing.
type rotationForm struct {
	Single   bool // they cannot
	Overlaps []int
}

var overlapHours = []int{0, 1, 24, 72, 168}

func (v *visit) webhook() (answer, error) {
	sub, err := v.org.Subscription(v.ctx(), v.id)
	if err != nil {
		return answer{}, err
	}
	page := webhookPage{HeaderNames: slices.Sorted(maps.Keys(sub.Headers))}
	if page.webhookRow, err = v.webhookRow(sub); err != nil {
		return answer{}, err
	}
	for _, s := range sub.Secrets {
		if s.ExpiresAt.IsZero() || s.ExpiresAt.After(time.Now()) {
			page.Secrets = append(page.Secrets, s)
		}
	}
	page.Overlap = len(page.Secrets) > 1
	page.Rotation = rotationForm{Overlaps: overlapHours}
	if c := v.contract(sub.Contract); c != nil {
		page.Rotation.Single = c.Secrets.Single
	}
	for d, err := range v.org.Deliveries(v.ctx(), sender.DeliveryQuery{Subscription: sub.ID, Limit: 8}) {
		if err != nil {
			return answer{}, err
		}
		page.Recent = append(page.Recent, deliveryRow{Delivery: d})
	}
	return answer{template: "webhook", section: "webhooks", title: page.Label, data: page}, nil
}

// contract returns one by name, nil if this Sender has none of that name.
func (c *console) contract(name string) *sender.Contract {
	i := slices.IndexFunc(c.contracts, func(x sender.Contract) bool { return x.Name == name })
	if i < 0 {
		return nil
	}
	return &c.contracts[i]
}

func (v *visit) pauseWebhook() (answer, error) {
	return v.changed("webhooks/"+v.id+"?done=paused", v.org.Pause)
}

func (v *visit) resumeWebhook() (answer, error) {
	return v.changed("webhooks/"+v.id+"?done=resumed", v.org.Resume)
}

func (v *visit) endOverlap() (answer, error) {
	return v.changed("webhooks/"+v.id+"?done=ended", v.org.EndOverlap)
}

func (v *visit) deleteWebhook() (answer, error) {
	return v.changed("webhooks?done=deleted", v.org.Unsubscribe)
}

// confirmDelete asks before a subscription is removed.
func (v *visit) confirmDelete() (answer, error) {
	if !v.changes {
		return answer{}, dashboard.ErrReadOnly
	}
	sub, err := v.org.Subscription(v.ctx(), v.id)
	if err != nil {
		return answer{}, err
	}
	return answer{
		template: "delete", section: "webhooks", title: v.language.Say("webhook.delete.title", nameOf(&sub).Name), data: sub,
	}, nil
}

// rotateSecret makes a new secret, and shows it this once.
func (v *visit) rotateSecret() (answer, error) {
	var hours int
	if _, err := fmt.Sscan(v.r.PostForm.Get("overlap"), &hours); err != nil || !slices.Contains(overlapHours, hours) {
		hours = 0
	}
	fresh, err := v.org.RotateSecret(v.ctx(), v.id, sender.Rotation{Overlap: time.Duration(hours) * time.Hour})
	if err != nil {
		return answer{}, err
	}
	return v.showSecret(v.id, fresh, "secret.rotated")
}

// secretPage shows a secret once.
type secretPage struct {
	sender.Subscription
	Label, Secret, Text string
}

func (v *visit) showSecret(id string, secret signature.Secret, text string) (answer, error) {
	sub, err := v.org.Subscription(v.ctx(), id)
	if err != nil {
		// The secret is made, and nobody would see it again.
		v.cfg.Logger.ErrorContext(v.ctx(), "console: a subscription could not be read", "subscription", id, "error", err)
		sub = sender.Subscription{ID: id}
	}
	if public := secret.Public(); !public.IsZero() {
		secret = public // the private one is the platform's alone
	}
	return answer{
		status: http.StatusOK, template: "secret", section: "webhooks", title: v.language.Say("secret"),
		data: secretPage{sub, nameOf(&sub).Name, secret.Reveal(), text},
	}, nil
}
