package memstore

import (
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// delivery is one event for one subscription.
type delivery struct {
	number       uint64 // later ones have a greater one
	id           string // see idOf
	event        *event
	subscription *subscription
	isTest       bool
	replayedFrom string    // id
	replayedBy   *delivery // the newest, purged with this one or later
	createdAt    time.Time

	state    driver.State // never StateHeld
	reason   string
	attempt  int // how many had a result
	attempts []attempt
	lapses   int

	in    *queue    // that it stands in
	index int       // where in it
	at    time.Time // see move

	token      uint64 // of the last lease; 0: whoever had it comes too late
	leased     bool   // the token holds it, if perhaps past its lease
	cancelling bool   // it was in flight when Cancel came, and ends with that lease
}

// deliver makes a delivery. The caller leases it or lets it wait.
func (s *Store) deliver(e *event, u *subscription, isTest bool, now time.Time) *delivery {
	s.lastNumber++
	d := &delivery{
		number: s.lastNumber, id: s.idOf(s.lastNumber), event: e, subscription: u, isTest: isTest,
		createdAt: now, at: now, state: driver.StatePending,
	}
	s.deliveries[d.id] = d
	e.deliveries = append(e.deliveries, d)
	u.org.log = append(u.org.log, d)
	return d
}

// find returns the delivery of an org that has this id, or nil.
func (s *Store) find(org, id string) *delivery {
	if d := s.deliveries[id]; d != nil && d.event.Org == org {
		return d
	}
	return nil
}

// finish ends a delivery.
func (s *Store) finish(d *delivery, state driver.State, reason string, now time.Time) {
	s.move(d, nil, now)
	d.state, d.reason, d.leased = state, legible(reason), false
	if state == driver.StateDead {
		d.subscription.org.dead++
	}
}

// cancel ends a delivery without its holder, if it has one. What that one tells later is logged and changes nothing.
func (s *Store) cancel(d *delivery, reason string, now time.Time) {
	s.finish(d, driver.StateCancelled, reason, now)
	d.token = 0
}

// shownState is the state as people see it.
func (d *delivery) shownState() driver.State {
	switch u := d.subscription; {
	case d.state != driver.StatePending:
		return d.state
	case u.isGone():
		return driver.StateCancelled
	case u.active() || d.isTest:
		return driver.StatePending
	default:
		return driver.StateHeld
	}
}

// shown is the delivery as people see it.
func (d *delivery) shown() driver.Delivery {
	v := driver.Delivery{
		ID: d.id, Org: d.event.Org, EventID: d.event.Event.ID, SubscriptionID: d.subscription.record.ID,
		EventType: d.event.Event.Type, State: d.shownState(), Attempt: d.attempt, Test: d.isTest,
		ReplayedFrom: d.replayedFrom, Reason: d.reason, CreatedAt: d.createdAt,
	}
	if d.replayedBy != nil {
		v.ReplayedBy = d.replayedBy.id
	}
	switch {
	case d.state != driver.StatePending:
		v.FinishedAt = d.at
	case v.State == driver.StateCancelled: // in flight for a subscription that was deleted
		v.FinishedAt = d.subscription.gone
	case !d.inFlight():
		v.NextAt = d.at
	}
	return v
}

// legible is s as every store can keep it: what became of a delivery is written down, whatever its words.
func legible(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
