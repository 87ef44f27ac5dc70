package sender

import (
	"context"
	"fmt"
	"slices"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Match says, without publishing, which subscriptions would get ev: "matched" (or "held" if not active), or "filtered"
// and why. Errors are those of Publish.
func (o *Org) Match(ctx context.Context, ev envelope.Event) ([]Explanation, error) {
	pub, err := o.publication(ev)
	if err != nil {
		return nil, err
	}
	var all []Explanation
	for r, err := range o.records(ctx, SubscriptionQuery{}) {
		if err != nil {
			return nil, err
		}
		all = append(all, o.s.match(&pub, &r))
	}
	return all, nil
}

func (s *Sender) match(pub *driver.Publication, r *driver.SubscriptionRecord) Explanation {
	e := Explanation{Subscription: r.ID, Result: "filtered"}
	shares := func(topics []string) bool {
		return slices.ContainsFunc(topics, func(t string) bool { return slices.Contains(pub.Topics, t) })
	}
	contract := s.contract(r.Contract)
	switch {
	case unreadable(r):
		e.Why = "the store cannot read this subscription"
	case contract == nil || !slices.Contains(contract.Sources, pub.Event.Source):
		e.Why = fmt.Sprintf("contract %s does not carry source %s", r.Contract, pub.Event.Source)
	case shares(r.Topics) && r.Status == StatusActive:
		e.Result, e.Why = "matched", "it is subscribed to "+pub.Event.Type
	case shares(r.Topics):
		e.Result, e.Why = string(StateHeld), inactive(r)
	case contract.Endpoint.PendingTest && r.ActivatedAt.IsZero():
		e.Why = "it waits for a successful test"
	case contract.Endpoint.Devices && !contract.links(r.Devices, Device{ID: pub.Event.Device, Channel: pub.Event.Channel}):
		e.Why = fmt.Sprintf("device %s on %s is not linked", pub.Event.Device, pub.Event.Channel)
	default:
		e.Why = fmt.Sprintf("it is not subscribed to %s", pub.Event.Type)
	}
	return e
}
