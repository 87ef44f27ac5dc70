package console

import (
	"context"
	"errors"
	"time"

	"github.com/kirimhooks/kirimhooks/internal/dashboard"
	"github.com/kirimhooks/kirimhooks/sender"
)

// deliveryPage is one delivery: how it stands and why, each attempt, and what is sent.
type deliveryPage struct {
	sender.Delivery
	Webhook  webhookName
	URL      string // "" if the subscription is gone
	Why      string
	Attempts []sender.Attempt
	Headers  []headerLine
	Body     dashboard.Body
	Known    bool // the event is
	// What the visitor may do.
	Retry, Cancel, Replay bool
}

func (v *visit) delivery() (answer, error) {
	d, err := v.org.Delivery(v.ctx(), v.id)
	if err != nil {
		return answer{}, err
	}
	page := deliveryPage{Delivery: d, Webhook: webhookName{ID: d.SubscriptionID}}
	if page.Attempts, err = v.org.Attempts(v.ctx(), d.ID); err != nil {
		return answer{}, err
	}
	sub, err := v.org.Subscription(v.ctx(), d.SubscriptionID)
	if err != nil && !errors.Is(err, sender.ErrNotFound) {
		return answer{}, err
	}
	if err == nil {
		page.Webhook, page.URL = nameOf(&sub), sub.URL
	}
	ev, err := v.org.Event(v.ctx(), d.EventID)
	switch {
	case err == nil:
		page.Known, page.Body = true, dashboard.BodyOf(ev.Event.Body)
		page.Headers = v.headers(&sub, &ev.Event, &page)
	case !errors.Is(err, sender.ErrNotFound) && !errors.Is(err, sender.ErrUnreadable):
		return answer{}, err
	}
	if page.Why, err = v.why(&d); err != nil {
		return answer{}, err
	}
	unfinished := d.State == sender.StatePending || d.State == sender.StateHeld
	page.Cancel = unfinished && d.Reason != sender.ReasonCancelled
	page.Retry = page.Cancel && d.NextAt.After(time.Now())
	page.Replay = !unfinished && page.URL != "" && page.Known
	return answer{template: "delivery", section: "logs", title: d.EventType, data: page}, nil
}

// why explains how a delivery stands. Without its event, the reason that it ended with is all there is.
func (v *visit) why(d *sender.Delivery) (string, error) {
	list, err := v.org.Explain(v.ctx(), d.EventID)
	if err != nil && !errors.Is(err, sender.ErrNotFound) && !errors.Is(err, sender.ErrUnreadable) {
		return "", err
	}
	for _, e := range list {
		if e.Delivery == d.ID {
			return e.Why, nil
		}
	}
	return d.Reason, nil
}

func (v *visit) retryDelivery() (answer, error) {
	return v.changed("logs/"+v.id+"?done=retried", v.org.RetryNow)
}

func (v *visit) cancelDelivery() (answer, error) {
	return v.changed("logs/"+v.id+"?done=cancelled", v.org.Cancel)
}

// replayDelivery leads to the new delivery.
func (v *visit) replayDelivery() (answer, error) {
	id, err := v.org.Replay(v.ctx(), v.id)
	if err != nil {
		return answer{}, err
	}
	return seeOther("logs/" + id + "?done=replayed"), nil
}

// changed does something to what the route names, and leads to a page.
func (v *visit) changed(to string, do func(ctx context.Context, id string) error) (answer, error) {
	if err := do(v.ctx(), v.id); err != nil {
		return answer{}, err
	}
	return seeOther(to), nil
}
