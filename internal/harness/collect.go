//go:build unix

package harness

import (
	"context"
	"fmt"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

// drain waits until the workers have published what their predecessors left, and nothing waits any more.
func (r *run) drain(ctx context.Context, workers []*process) ([]Violation, error) {
	end := time.Now().Add(r.Patience)
	for _, w := range workers {
		if !w.await(ctx, w.published, time.Until(end)) {
			return []Violation{{"progress", fmt.Sprintf("worker %s has not published what was left after %v", w.name,
				r.Patience)}}, nil
		}
	}
	for time.Now().Before(end) {
		empty, err := r.empty(ctx)
		if empty || err != nil {
			return nil, err
		}
		idle(ctx, 100*time.Millisecond)
	}
	return []Violation{{"progress", fmt.Sprintf("there is a backlog after %v of calm", r.Patience)}}, nil
}

func (r *run) empty(ctx context.Context) (bool, error) {
	for _, org := range orgs {
		for _, err := range r.sender.Org(org).Deliveries(ctx,
			sender.DeliveryQuery{States: []sender.State{sender.StatePending}, Limit: 1}) {
			return false, err
		}
	}
	return true, nil
}

// collect calls the witnesses.
func (r *run) collect(ctx context.Context) (Evidence, error) {
	e := Evidence{
		Rules:         Rules{Lease: r.Lease, Waits: waits, MaxLapses: maxLapses, Tick: 5 * time.Millisecond},
		Subscriptions: r.subs,
		Pauses:        r.pauses,
		Requests:      r.recorder.Requests(),
	}
	for slot := range r.Workers {
		entries, err := readJournal(r.journal(slot))
		if err != nil {
			return e, err
		}
		publications, claims := account(entries)
		e.Publications = append(e.Publications, publications...)
		e.Claims = append(e.Claims, claims...)
	}
	for _, org := range orgs {
		o := r.sender.Org(org)
		for d, err := range o.Deliveries(ctx, sender.DeliveryQuery{}) {
			if err != nil {
				return e, err
			}
			attempts, err := o.Attempts(ctx, d.ID)
			if err != nil {
				return e, err
			}
			e.History = append(e.History, History{d, attempts})
		}
	}
	var err error
	e.Orders, err = r.opened.Orders(ctx)
	return e, err
}
