package console

import (
	"html/template"
	"net/url"
	"time"

	"github.com/kirimhooks/kirimhooks/internal/dashboard"
	"github.com/kirimhooks/kirimhooks/sender"
)

const webhooksPage = 25

// webhooksList is a page of subscriptions.
type webhooksList struct {
	Rows  []webhookRow
	Next  template.URL // query of the next page; "" if there is none
	First bool
}

// webhookRow is a subscription with how it has done of late.
type webhookRow struct {
	sender.Subscription
	Label   string
	Chart   drawing
	Failing bool
	Last    *sender.Delivery // the newest that failed; nil if none did
}

const day = 24 * time.Hour

func (v *visit) webhooks() (answer, error) {
	page := webhooksList{First: v.query("after") == ""}
	q := sender.SubscriptionQuery{After: v.query("after"), Limit: webhooksPage + 1}
	for sub, err := range v.org.Subscriptions(v.ctx(), q) {
		if err != nil {
			return answer{}, err
		}
		if len(page.Rows) == webhooksPage {
			page.Next = dashboard.QueryOf(url.Values{"after": {page.Rows[webhooksPage-1].ID}})
			break
		}
		row, err := v.webhookRow(sub)
		if err != nil {
			return answer{}, err
		}
		page.Rows = append(page.Rows, row)
	}
	return answer{template: "webhooks", section: "webhooks", title: v.language.Say("webhooks"), data: page}, nil
}

// webhookRow looks up how a subscription has done in the last day.
func (v *visit) webhookRow(sub sender.Subscription) (webhookRow, error) {
	row := webhookRow{Subscription: sub, Label: nameOf(&sub).Name}
	minutes, err := v.org.Minutes(v.ctx(), sub.ID, day)
	if err != nil {
		return row, err
	}
	const halfHours = 48
	row.Chart = draw(columns(minutes, time.Now(), day, halfHours), 2, 24)
	row.Failing = sub.Status == sender.StatusActive && failing(minutes)
	row.Last, err = v.lastFailure(sub.ID)
	return row, err
}

// lastFailure is the newest delivery to a subscription that is dead, or else one that waits after a failure.
func (v *visit) lastFailure(id string) (*sender.Delivery, error) {
	const waiting = 5 // of which perhaps none has been tried
	for _, q := range []sender.DeliveryQuery{
		{States: []sender.State{sender.StatePending}, Limit: waiting},
		{States: []sender.State{sender.StateDead}, Limit: 1},
	} {
		q.Subscription = id
		for d, err := range v.org.Deliveries(v.ctx(), q) {
			if err != nil || d.Reason != "" {
				return &d, err
			}
		}
	}
	return nil, nil
}
