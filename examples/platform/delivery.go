package main

import (
	"errors"
	"net/http"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

// delivery is how one is shown.
type delivery struct {
	ID             string     `json:"id"`
	Object         string     `json:"object"`
	Status         string     `json:"status"`
	Reason         string     `json:"reason"`
	SubscriptionID string     `json:"subscription_id"`
	EventID        string     `json:"event_id"`
	EventType      string     `json:"event_type"`
	Attempt        int        `json:"attempt"`
	Test           bool       `json:"test"`
	ReplayedFrom   *string    `json:"replayed_from"`
	ReplayedBy     *string    `json:"replayed_by"`
	CreatedAt      time.Time  `json:"created_at"`
	NextAttemptAt  *time.Time `json:"next_attempt_at"`
	FinishedAt     *time.Time `json:"finished_at"`
}

// history is a delivery with all that was tried.
type history struct {
	delivery
	Attempts []attempt `json:"attempts"`
}

// attempt is one request of a delivery; status_code is 0 where no answer came, and error_class then says why.
type attempt struct {
	Attempt    int       `json:"attempt"`
	At         time.Time `json:"at"`
	DurationMS float64   `json:"duration_ms"`
	StatusCode int       `json:"status_code"`
	ErrorClass string    `json:"error_class"`
	Response   string    `json:"response"`
}

func showDelivery(d sender.Delivery) delivery {
	v := delivery{
		ID: d.ID, Object: "webhook_delivery", Status: string(d.State), Reason: d.Reason, SubscriptionID: d.SubscriptionID,
		EventID: d.EventID, EventType: d.EventType, Attempt: d.Attempt, Test: d.Test,
		CreatedAt: d.CreatedAt.UTC(), NextAttemptAt: moment(d.NextAt), FinishedAt: moment(d.FinishedAt),
	}
	if d.ReplayedFrom != "" {
		v.ReplayedFrom = &d.ReplayedFrom
	}
	if d.ReplayedBy != "" {
		v.ReplayedBy = &d.ReplayedBy
	}
	return v
}

func showAttempt(a sender.Attempt) attempt {
	return attempt{a.N, a.At.UTC(), float64(a.Duration.Microseconds()) / 1000, a.StatusCode, a.ErrorClass, a.Response}
}

// states are the words of a filter. Vendors say both failed and dead of a delivery that ended without success.
var states = map[string]sender.State{
	"pending": sender.StatePending, "held": sender.StateHeld, "delivered": sender.StateDelivered,
	"dead": sender.StateDead, "failed": sender.StateDead, "cancelled": sender.StateCancelled,
}

// selection is what a caller filters deliveries by; empty fields select all.
type selection struct{ subscription, status, eventType, createdAfter, createdBefore, cursor string }

func (s *selection) query() (sender.DeliveryQuery, error) {
	since, err := instant("created_after", s.createdAfter)
	until, err2 := instant("created_before", s.createdBefore)
	if err := errors.Join(err, err2); err != nil {
		return sender.DeliveryQuery{}, err
	}
	q := sender.DeliveryQuery{Subscription: s.subscription, EventType: s.eventType, Since: since, Until: until,
		After: s.cursor}
	if s.status != "" {
		state, known := states[s.status]
		if !known {
			return q, invalid("status", "must be pending, held, delivered, dead or cancelled")
		}
		q.States = []sender.State{state}
	}
	if s.eventType != "" && !printable(s.eventType, 128) {
		return q, invalid("event_type", "must be 1 to 128 printable ASCII characters")
	}
	return q, errors.Join(idParam("subscription_id", s.subscription, subscriptionID),
		idParam("cursor", s.cursor, deliveryID))
}

func (a *api) listDeliveries(r *http.Request, org *sender.Org) (answer, error) {
	p, err := query(r, "subscription_id", "status", "event_type", "created_after", "created_before", "cursor", "limit")
	if err != nil {
		return answer{}, err
	}
	limit, err := limitOf(p)
	if err != nil {
		return answer{}, err
	}
	s := selection{p["subscription_id"], p["status"], p["event_type"], p["created_after"], p["created_before"],
		p["cursor"]}
	q, err := s.query()
	if err != nil {
		return answer{}, err
	}
	q.Limit = limit + 1
	var read []delivery
	for d, err := range org.Deliveries(r.Context(), q) {
		if err != nil {
			return answer{}, lostCursor(err)
		}
		read = append(read, showDelivery(d))
	}
	return page(read, limit, func(d delivery) string { return d.ID })
}

// lostCursor says which parameter a list did not find.
func lostCursor(err error) error {
	if errors.Is(err, sender.ErrNotFound) {
		return invalid("cursor", "is none of this list")
	}
	return err
}

func (a *api) getDelivery(r *http.Request, org *sender.Org) (answer, error) {
	id, err := pathID(r, deliveryID)
	if err != nil {
		return answer{}, err
	}
	d, err := org.Delivery(r.Context(), id)
	if err != nil {
		return answer{}, err
	}
	attempts, err := org.Attempts(r.Context(), id)
	if err != nil {
		return answer{}, err
	}
	h := history{showDelivery(d), []attempt{}}
	for _, a := range attempts {
		h.Attempts = append(h.Attempts, showAttempt(a))
	}
	return data(http.StatusOK, h)
}
