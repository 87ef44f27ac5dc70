package harness

import (
	"slices"

	"github.com/kirimhooks/kirimhooks/sender"
)

type complaint = func(format string, args ...any)

// lost: what was accepted has a delivery for each subscription that wants it, each of them ended, and a delivered one
// was really answered with success.
func lost(e *Evidence, complain complaint) {
	requests := map[string][]Request{}
	for _, r := range e.Requests {
		requests[r.DeliveryID] = append(requests[r.DeliveryID], r)
	}
	histories := e.historyByEvent()
	for _, p := range e.Publications {
		for _, s := range e.Subscriptions {
			if p.Accepted && s.wants(&p) && deliveriesFor(histories[p.ID], s.ID) == 0 {
				complain("event %s was accepted and has no delivery for %s", p.ID, s.ID)
			}
		}
	}
	success := func(r Request) bool { return r.Status >= 200 && r.Status < 300 }
	for i := range e.History {
		h := &e.History[i]
		if !h.terminal() {
			complain("delivery %s of event %s is still %s (attempt %d, %s)", h.ID, h.EventID, h.State, h.Attempt, h.Reason)
		}
		if h.State == sender.StateDelivered && !slices.ContainsFunc(requests[h.ID], success) {
			complain("delivery %s of event %s is delivered, but no endpoint answered it with success", h.ID, h.EventID)
		}
	}
}

// partial: also what was not acknowledged is stored whole or not at all, and nothing twice.
func partial(e *Evidence, complain complaint) {
	histories := e.historyByEvent()
	for _, p := range e.Publications {
		some := len(histories[p.ID]) > 0
		for _, s := range e.Subscriptions {
			if !s.wants(&p) {
				continue
			}
			switch n := deliveriesFor(histories[p.ID], s.ID); {
			case n > 1:
				complain("event %s has %d deliveries for %s", p.ID, n, s.ID)
			case n == 0 && some:
				complain("event %s has deliveries, but none for %s", p.ID, s.ID)
			}
		}
	}
}

func deliveriesFor(histories []*History, subscription string) int {
	n := 0
	for _, h := range histories {
		if h.SubscriptionID == subscription && h.ReplayedFrom == "" {
			n++
		}
	}
	return n
}

// torn: a host's transaction takes its event with it, there and back.
func torn(e *Evidence, complain complaint) {
	histories := e.historyByEvent()
	orders := map[string]bool{}
	for _, id := range e.Orders {
		orders[id] = true
	}
	for _, p := range e.Publications {
		stored := len(histories[p.ID]) > 0
		switch {
		case p.Host && orders[p.ID] != stored:
			complain("event %s: order there: %t, deliveries there: %t", p.ID, orders[p.ID], stored)
		case p.Withdrawn && !p.Accepted && stored:
			complain("event %s was rolled back and has deliveries", p.ID)
		}
	}
}

func refused(e *Evidence, complain complaint) {
	for _, p := range e.Publications {
		if p.Refused != "" {
			complain("event %s: %s", p.ID, p.Refused)
		}
	}
}

func unexpectedRequest(e *Evidence, complain complaint) {
	histories := e.historyByID()
	for _, r := range e.Requests {
		h := histories[r.DeliveryID]
		switch {
		case h == nil:
			complain("delivery %s came to %s and is not in the log", r.DeliveryID, r.Subscription)
		case h.SubscriptionID != r.Subscription || h.EventID != r.EventID:
			complain("delivery %s of event %s for %s came to %s with event %s", r.DeliveryID, h.EventID, h.SubscriptionID,
				r.Subscription, r.EventID)
		case !r.Genuine:
			complain("delivery %s attempt %d: body or signature is not what was published", r.DeliveryID, r.Attempt)
		}
	}
}

func unexpectedDelivery(e *Evidence, complain complaint) {
	publications := map[string]*Publication{}
	for i := range e.Publications {
		publications[e.Publications[i].ID] = &e.Publications[i]
	}
	subscriptions := map[string]*Subscription{}
	for i := range e.Subscriptions {
		subscriptions[e.Subscriptions[i].ID] = &e.Subscriptions[i]
	}
	for _, h := range e.History {
		p, s := publications[h.EventID], subscriptions[h.SubscriptionID]
		switch {
		case p == nil:
			complain("delivery %s is of event %s, which nobody published", h.ID, h.EventID)
		case s == nil || !s.wants(p):
			complain("delivery %s brings event %s of type %s to %s, which does not want it", h.ID, h.EventID, p.Type,
				h.SubscriptionID)
		}
	}
}
