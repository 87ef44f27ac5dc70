package memstore

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const defaultPage = 100

// Deliveries implements [driver.Log]. A query that finds little reads the whole log of its org while others wait, unless
// it names an event or ids.
func (s *Store) Deliveries(ctx context.Context, q driver.DeliveryQuery) ([]driver.Delivery, error) {
	if _, err := s.begin(ctx, "deliveries"); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var page []driver.Delivery
	err := s.each(q, func(ref uint32) bool {
		id := s.eventID(s.events.at(s.deliveries.at(ref).event))
		page = append(page, s.view(ref, string(id)))
		return len(page) < limitOf(&q)
	})
	return page, err
}

func limitOf(q *driver.DeliveryQuery) int {
	if q.Limit > 0 {
		return q.Limit
	}
	return defaultPage
}

// each calls yield for the deliveries that q selects, newest first, until it returns false. It pays no heed to q.Limit.
func (s *Store) each(q driver.DeliveryQuery, yield func(ref uint32) bool) error {
	f := s.newFilter(&q)
	first, err := s.cursor(&q, f)
	if err != nil {
		return err
	}
	if len(q.IDs) > 0 {
		for _, ref := range s.findAll(q.Org, q.IDs) {
			if s.selects(f, ref) && !yield(ref) {
				return nil
			}
		}
		return nil
	}
	for ref := first; ref != 0; {
		d := s.deliveries.at(ref)
		next := d.older // yield may make newer deliveries, never older ones
		if q.EventID != "" {
			next = d.earlier
		}
		if s.selects(f, ref) && !yield(ref) {
			return nil
		}
		ref = next
	}
	return nil
}

// cursor returns the newest delivery that can be meant and makes f exclude all up to q.After. What q.After names may
// have been purged since: then its number still tells where to go on.
func (s *Store) cursor(q *driver.DeliveryQuery, f *filter) (first uint32, err error) {
	o := s.org(q.Org)
	if q.EventID == "" {
		first = o.newest
	} else if event, ok := s.known(o, q.EventID); ok {
		first = s.events.at(event).latest
	}
	if q.After == "" {
		return first, nil
	}
	seq, ref, ok := s.ids.decode(q.After)
	if !ok || !s.deliveries.has(ref) {
		return 0, notFound("delivery", q.Org, q.After)
	}
	f.before = seq
	if d := s.deliveries.at(ref); d.seq == seq {
		if s.subscription(d).org.name != q.Org {
			return 0, notFound("delivery", q.Org, q.After)
		}
		if q.EventID == "" {
			first = d.older
		}
	}
	return first, nil
}

// findAll returns the deliveries of an org that have these ids, newest first.
func (s *Store) findAll(org string, ids []string) []uint32 {
	var refs []uint32
	for _, id := range ids {
		if ref, ok := s.find(org, id); ok {
			refs = append(refs, ref)
		}
	}
	slices.SortFunc(refs, func(a, b uint32) int { return cmp.Compare(s.deliveries.at(b).seq, s.deliveries.at(a).seq) })
	return slices.Compact(refs)
}

// filter is a query in the terms of this store.
type filter struct {
	*driver.DeliveryQuery
	before       uint64 // sequence numbers
	since, until int64
	ofEvent      bool // it asks for what only the event knows
}

func (s *Store) newFilter(q *driver.DeliveryQuery) *filter {
	f := &filter{
		DeliveryQuery: q, before: math.MaxUint64, since: math.MinInt64, until: math.MaxInt64,
		ofEvent: q.EventID != "" || q.EventType != "" || q.Device != "" || q.Channel != "",
	}
	if !q.Since.IsZero() {
		f.since = int64(q.Since.Sub(s.instant(0)))
	}
	if !q.Until.IsZero() {
		f.until = int64(q.Until.Sub(s.instant(0)))
	}
	return f
}

// selects compares everything but Org, IDs and Limit.
func (s *Store) selects(f *filter, ref uint32) bool {
	d := s.deliveries.at(ref)
	return d.seq < f.before && f.since <= d.created && d.created < f.until &&
		(f.Subscription == "" || f.Subscription == s.subscription(d).record.ID) &&
		(len(f.States) == 0 || slices.Contains(f.States, s.shownState(d))) &&
		(!f.ofEvent || s.selectsEvent(f, s.events.at(d.event)))
}

func (s *Store) selectsEvent(f *filter, e *event) bool {
	return (f.EventID == "" || f.EventID == string(s.eventID(e))) &&
		(f.EventType == "" || f.EventType == s.texts.get(e.eventType)) &&
		(f.Device == "" || f.Device == s.texts.get(e.device)) &&
		(f.Channel == "" || f.Channel == s.texts.get(e.channel))
}

// shownState is the state as people see it.
func (s *Store) shownState(d *delivery) driver.State {
	if d.state != pending {
		return stateNames[d.state]
	}
	u := s.subscription(d)
	switch {
	case u.gone: // in flight for a subscription that was deleted
		return driver.StateCancelled
	case u.active() || d.test:
		return driver.StatePending
	default:
		return driver.StateHeld
	}
}

// view is a delivery as people see it.
func (s *Store) view(ref uint32, eventID string) driver.Delivery {
	d := s.deliveries.at(ref)
	e, u := s.events.at(d.event), s.subscription(d)
	v := driver.Delivery{
		ID: s.id(ref), Org: u.org.name, EventID: eventID, SubscriptionID: u.record.ID, EventType: s.texts.get(e.eventType),
		State: s.shownState(d), Attempt: int(d.attempt), Test: d.test, ReplayedFrom: s.replays.from(&s.ids, ref),
		Reason: s.texts.get(d.reason), CreatedAt: s.instant(d.created),
	}
	switch {
	case d.state != pending:
		v.FinishedAt = s.instant(d.at)
		if by, ok := s.replayOf(d); ok {
			v.ReplayedBy = s.id(by)
		}
	case u.gone:
		v.FinishedAt = s.instant(u.goneAt)
	case d.place != inFlight:
		v.NextAt = s.instant(d.at)
	}
	return v
}
