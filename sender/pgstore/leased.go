package pgstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// ref is what Settle gets of a claim, so that it need not decode the id: the key, the version of the subscription, and
// where in the heap the lease left the row.
type ref struct {
	key
	version int64
	place   pgtype.TID
}

// leased is a delivery that was leased, before its event and subscription are known.
type leased struct {
	ref
	event        int64  // its number; that of the delivery itself if this is no replay
	from         *int64 // the number of what it replays
	created      time.Time
	made, lapses int32
	test         bool
	reason       string
	err          error // why it cannot be read
}

var errNoEvent = fmt.Errorf("the event is not there: %w", driver.ErrUnreadable)

// complete makes claims. What this process has not seen lately is fetched in one round trip: events, which never
// change, and subscriptions, which are used at the version that the claim names or a later one. A claim whose
// subscription went away meanwhile is left out; its lease runs out, and it is not claimed again. What cannot be read is
// told apart.
func (s *Store) complete(ctx context.Context, ids *ids, token int64, list []leased) ([]driver.Claim, []unread, error) {
	claims := make([]driver.Claim, len(list))
	var events, subscriptions []int64
	for i := range list {
		l := &list[i]
		claims[i].Event, _ = s.events.get(l.event)
		if claims[i].Event == nil {
			events = append(events, l.event)
		}
		if r, ok := s.records.get(l.subscription); ok && r.Version >= l.version {
			claims[i].Subscription = r
		} else {
			subscriptions = append(subscriptions, l.subscription)
		}
	}
	if len(events)+len(subscriptions) > 0 {
		f, err := s.fetch(ctx, events, subscriptions)
		if err != nil {
			return nil, nil, err
		}
		for i := range claims {
			f.fill(&claims[i], &list[i])
		}
	}
	text := tokenText(token)
	var faulty []unread
	for i := range list {
		switch c := &claims[i]; {
		case list[i].err != nil:
			faulty = append(faulty, unread{list[i].ref, list[i].err})
		case c.Event != nil && c.Subscription != nil:
			list[i].fill(c, ids)
			c.Token = text
		}
	}
	return slices.DeleteFunc(claims, func(c driver.Claim) bool { return c.Token == "" }), faulty, nil
}

func (l *leased) fill(c *driver.Claim, ids *ids) {
	e := c.Event
	c.Ref, c.Lapses = l.ref, int(l.lapses)
	c.Delivery = driver.Delivery{
		ID: ids.encode(l.key), Org: e.Org, EventID: e.Event.ID, EventType: e.Event.Type,
		SubscriptionID: c.Subscription.ID, State: driver.StatePending, Attempt: int(l.made),
		Test: l.test, Reason: l.reason, CreatedAt: e.PublishedAt,
	}
	if l.from != nil {
		c.Delivery.ReplayedFrom, c.Delivery.CreatedAt = ids.sibling(l.from, l.key), l.created.UTC()
	}
}

// fill adds what was fetched to a claim that lacks it.
func (f *fetched) fill(c *driver.Claim, l *leased) {
	l.err = cmp.Or(l.err, f.noEvent[l.event], f.noRecord[l.subscription])
	if c.Event == nil {
		if c.Event = f.events[l.event]; c.Event == nil {
			l.err = cmp.Or(l.err, errNoEvent)
		}
	}
	if c.Subscription == nil {
		c.Subscription = f.records[l.subscription]
	}
}
