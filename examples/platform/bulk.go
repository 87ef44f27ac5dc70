package main

import (
	"context"
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/kirimhooks/kirimhooks/sender"
)

// maxBulk deliveries are changed by one call.
const maxBulk = 1000

// span is how far a bulk call came. Capped says that there is more than one call changes: next_cursor then continues.
type span struct {
	Capped     bool    `json:"capped"`
	NextCursor *string `json:"next_cursor,omitempty"`
}

// chosen reads which deliveries a bulk call is about: those of one subscription, in the states that it is for, or in
// one of them.
func chosen(r *http.Request, org *sender.Org, of ...sender.State) (q sender.DeliveryQuery, err error) {
	var s selection
	if err := decode(r, fields{
		"subscription_id": &s.subscription, "status": &s.status, "event_type": &s.eventType,
		"created_after": &s.createdAfter, "created_before": &s.createdBefore, "cursor": &s.cursor,
	}); err != nil {
		return q, err
	}
	if s.subscription == "" {
		return q, missing("subscription_id")
	}
	if s.status != "" && !slices.Contains(of, states[s.status]) {
		return q, invalid("status", "must be "+strings.Join(words(of), " or "))
	}
	if q, err = s.query(); err != nil {
		return q, err
	}
	if s.status == "" {
		q.States = of
	}
	_, err = org.Subscription(r.Context(), s.subscription)
	return q, err
}

// words are how a filter may name the states.
func words(of []sender.State) (list []string) {
	for word, state := range states {
		if slices.Contains(of, state) {
			list = append(list, word)
		}
	}
	slices.Sort(list)
	return list
}

// inBulk goes through a sequence of changes up to the most that a call makes. changed counts one, and gives its
// delivery's id.
func inBulk[R any](
	ctx context.Context, org *sender.Org, q sender.DeliveryQuery,
	change func(context.Context, sender.DeliveryQuery) iter.Seq2[R, error], changed func(R) (id string),
) (s span, err error) {
	n := 0
	q.Limit = maxBulk
	for r, err := range change(ctx, q) {
		if err != nil {
			return s, lostCursor(err)
		}
		q.After = changed(r)
		n++
	}
	if n < maxBulk {
		return s, nil
	}
	q.Limit = 1
	for _, err := range org.Deliveries(ctx, q) {
		if err != nil {
			return s, err
		}
		s.Capped, s.NextCursor = true, &q.After
	}
	return s, nil
}
