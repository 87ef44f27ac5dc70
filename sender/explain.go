package sender

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
)

// Explanation says what became, or would become, of an event for one subscription.
type Explanation struct {
	Subscription string
	Delivery     string // "" where there is none
	Result       string // a State, "waiting" for a retry, "matched" or "filtered"
	Why          string // for a person
}

// Explain says for each subscription what became of an event: delivered, waiting until when and why, held, dead and why,
// or filtered, judged by what the subscription wants now. [ErrNotFound] if the event is not known.
func (o *Org) Explain(ctx context.Context, eventID string) ([]Explanation, error) {
	ev, unread := o.Event(ctx, eventID)
	if unread != nil && !errors.Is(unread, ErrUnreadable) {
		return nil, unread
	}
	var all []Explanation
	seen := map[string]bool{}
	unmatched := "it was not subscribed to this when the event was published"
	for d, err := range o.Deliveries(ctx, DeliveryQuery{EventID: eventID}) {
		if err != nil {
			return nil, err
		}
		if d.Test {
			unmatched = "it is the test of another subscription"
		}
		seen[d.SubscriptionID] = true
		all = append(all, explainDelivery(d))
	}
	if unread != nil {
		return all, nil // nobody knows what it would match
	}
	matches, err := o.Match(ctx, ev.Event)
	if err != nil {
		return nil, err
	}
	for _, m := range matches {
		if seen[m.Subscription] {
			continue
		}
		if m.Result == "matched" {
			m.Result, m.Why = "filtered", unmatched
		}
		all = append(all, m)
	}
	return all, nil
}

func explainDelivery(d Delivery) Explanation {
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
	case StatePending:
		switch {
		case d.NextAt.IsZero() && d.Reason == ReasonCancelled:
			e.Why = fmt.Sprintf("attempt %d is being made; unless it delivers, it was the last: %s", d.Attempt+1, d.Reason)
		case d.NextAt.IsZero():
			e.Why = fmt.Sprintf("attempt %d is being made", d.Attempt+1)
		case d.Attempt == 0 && d.Reason == "":
			e.Why = "waits for a worker"
		default:
			e.Result = "waiting"
			e.Why = fmt.Sprintf("attempt %d is due at %s, after: %s", d.Attempt+1, d.NextAt.UTC().Format(time.RFC3339), d.Reason)
		}
	}
	return e
}

// Match says, without publishing, which subscriptions would get ev: "matched" (or "held" if not active), or "filtered"
// and why. Errors are those of Publish.
func (o *Org) Match(ctx context.Context, ev envelope.Event) ([]Explanation, error) {
	pub, err := o.publication(ev)
	if err != nil {
		return nil, err
	}
	var all []Explanation
	for r, err := range o.records(ctx) {
		if err != nil {
			return nil, err
		}
		all = append(all, o.s.match(&pub, &r))
	}
	return all, nil
}

func (s *Sender) match(pub *Publication, r *SubscriptionRecord) Explanation {
	e := Explanation{Subscription: r.ID, Result: "filtered"}
	shares := func(topics []string) bool {
		return slices.ContainsFunc(topics, func(t string) bool { return slices.Contains(pub.Topics, t) })
	}
	contract := s.contract(r.Contract)
	switch {
	case r.unreadable():
		e.Why = "the store cannot read this subscription"
	case contract == nil || !slices.Contains(contract.Sources, pub.Event.Source):
		e.Why = fmt.Sprintf("contract %s does not carry source %s", r.Contract, pub.Event.Source)
	case shares(r.Topics) && r.Status == StatusActive:
		e.Result, e.Why = "matched", "it is subscribed to "+pub.Event.Type
	case shares(r.Topics):
		e.Result, e.Why = string(StateHeld), "the subscription is "+string(r.Status)
	case contract.PendingTest && r.ActivatedAt.IsZero():
		e.Why = "it waits for a successful test"
	case contract.Devices && !contract.links(r.Devices, Device{ID: pub.Event.Device, Channel: pub.Event.Channel}):
		e.Why = fmt.Sprintf("device %s on %s is not linked", pub.Event.Device, pub.Event.Channel)
	default:
		e.Why = fmt.Sprintf("it is not subscribed to %s", pub.Event.Type)
	}
	return e
}
