package sender

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Explanation says what became, or would become, of an event for one subscription.
type Explanation struct {
	Subscription string
	Delivery     string // "" where there is none
	Result       string // a State, "waiting" for a retry, "matched" or "filtered"
	Why          string // for a person
}

// Explain says for each subscription what became of an event: delivered, waiting until when and why, held and by whom,
// dead and why, or filtered, by what the subscription wants now. Why a delivery that is due gets no slot is what
// this process knows of it. [ErrNotFound] if the event is not known.
func (o *Org) Explain(ctx context.Context, eventID string) ([]Explanation, error) {
	ev, unread := o.Event(ctx, eventID)
	if unread != nil && !errors.Is(unread, ErrUnreadable) {
		return nil, unread
	}
	var records []driver.SubscriptionRecord
	byID := map[string]*driver.SubscriptionRecord{}
	for r, err := range o.records(ctx, SubscriptionQuery{}) {
		if err != nil {
			return nil, err
		}
		records = append(records, r)
		byID[r.ID] = &r
	}
	var all []Explanation
	seen := map[string]bool{}
	test := false
	for d, err := range o.Deliveries(ctx, DeliveryQuery{EventID: eventID}) {
		if err != nil {
			return nil, err
		}
		test = test || d.Test
		seen[d.SubscriptionID] = true
		all = append(all, o.s.explain(d, byID[d.SubscriptionID]))
	}
	if unread != nil {
		return all, nil // nobody knows what it would match
	}
	pub, err := o.publication(ev.Event)
	if err != nil {
		return nil, err
	}
	for i := range records {
		if r := &records[i]; !seen[r.ID] {
			all = append(all, o.s.explainMissing(&pub, &ev, r, test))
		}
	}
	return all, nil
}

// explainMissing says why a subscription has no delivery of a stored event.
func (s *Sender) explainMissing(
	pub *driver.Publication, ev *StoredEvent, r *driver.SubscriptionRecord, test bool,
) Explanation {
	e := s.match(pub, r)
	if e.Result == "filtered" {
		return e
	}
	e.Result = "filtered"
	contract := s.contract(r.Contract)
	switch {
	case test:
		e.Why = "it is the test of another subscription"
	case r.CreatedAt.After(ev.PublishedAt):
		e.Why = "it was not subscribed to this when the event was published: it was made later"
	case contract.Endpoint.PendingTest && r.ActivatedAt.After(ev.PublishedAt):
		e.Why = "it waited for a successful test when the event was published"
	default:
		e.Why = "it was not subscribed to this when the event was published"
	}
	return e
}

// explain says how a delivery stands. r is its subscription, nil if that is gone.
func (s *Sender) explain(d Delivery, r *driver.SubscriptionRecord) Explanation {
	e := Explanation{Subscription: d.SubscriptionID, Delivery: d.ID, Result: string(d.State), Why: d.Reason}
	switch d.State {
	case StateDelivered:
		e.Why = fmt.Sprintf("delivered at attempt %d", d.Attempt)
	case StateDead:
		if d.Reason == ReasonUnreadable {
			e.Why = "the store cannot read it, its event or its subscription; the log says what is wrong with which row"
		}
	case StateHeld:
		e.Why = "the subscription is not active"
		if r != nil && r.Status != StatusActive {
			e.Why = inactive(r)
		}
	case StatePending:
		e.Result, e.Why = s.explainPending(&d)
	}
	return e
}

// inactive says why a subscription gets nothing: who paused it, or what disabled it.
func inactive(r *driver.SubscriptionRecord) string {
	switch status := string(r.Status); {
	case r.StatusReason == "":
		return "the subscription is " + status
	case strings.HasPrefix(r.StatusReason, status):
		return "the subscription was " + r.StatusReason // "paused by its owner"
	default:
		return "the subscription is " + status + ": " + r.StatusReason
	}
}

func (s *Sender) explainPending(d *Delivery) (result, why string) {
	now, next := time.Now(), d.Attempt+1
	switch {
	case d.NextAt.IsZero() && d.Reason == ReasonCancelled:
		return string(StatePending), fmt.Sprintf("attempt %d is being made; unless it delivers, it was the last: %s", next,
			d.Reason)
	case d.NextAt.IsZero():
		return string(StatePending), fmt.Sprintf("attempt %d is being made", next)
	case !d.NextAt.After(now):
		result, why = string(StatePending), s.waits(d.SubscriptionID)
		if d.Reason != "" {
			why += fmt.Sprintf("; attempt %d, after: %s", next, d.Reason)
		}
		return result, why
	case d.Attempt == 0 && d.Reason == "":
		return string(StatePending), "waits for a worker"
	}
	return "waiting", fmt.Sprintf("attempt %d is due at %s, after: %s", next, d.NextAt.UTC().Format(time.RFC3339),
		d.Reason)
}

// waits says what a delivery that is due waits for, as far as this process knows.
func (s *Sender) waits(subscription string) string {
	if op, since, failing := s.trouble.failing("claim", "settle"); failing {
		return fmt.Sprintf("waits for the store, which is in trouble: %s has failed since %s", op,
			since.UTC().Format(time.RFC3339))
	}
	if why := s.limiter.Why(subscription); why != "" {
		return "waits for a slot: " + why
	}
	return "waits for a worker"
}
