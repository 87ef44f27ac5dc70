package pgstore

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const (
	maxRecords = 4096    // subscriptions of one generation of the cache
	maxBodies  = 8 << 20 // and bytes of events
)

func newRecords() cache[*driver.SubscriptionRecord] {
	return cache[*driver.SubscriptionRecord]{most: maxRecords, weigh: func(*driver.SubscriptionRecord) int { return 1 }}
}

func newEvents() cache[*driver.StoredEvent] {
	const overhead = 512
	return cache[*driver.StoredEvent]{most: maxBodies, weigh: func(e *driver.StoredEvent) int { return len(e.Event.Body) + overhead }}
}

// taken is a delivery that was leased, before its event and subscription are known.
type taken struct {
	ref
	event           int64 // the slot of it; that of the delivery itself if this is no replay
	parent          int64 // the slot of what it repeats, or 0
	at              time.Time
	attempt, lapses int32
	test            bool
	reason          string
	err             error // why it cannot be read
}

// complete makes claims. What this process has not seen lately is fetched in one round trip: events, which never change,
// and subscriptions, which are used at the version that the claim names or a later one. A claim whose subscription went
// away meanwhile is left out; its lease runs out, and it is not claimed again. What cannot be read is told apart.
func (s *Store) complete(ctx context.Context, ids *ids, token int64, list []taken) ([]driver.Claim, []unread, error) {
	claims := make([]driver.Claim, len(list))
	var events, subs []int64
	for i := range list {
		t := &list[i]
		claims[i].Event, _ = s.events.get(t.event)
		if claims[i].Event == nil {
			events = append(events, t.event)
		}
		if r, ok := s.records.get(t.sub); ok && r.Version >= t.version {
			claims[i].Subscription = r
		} else {
			subs = append(subs, t.sub)
		}
	}
	if len(events)+len(subs) > 0 {
		f := fetched{map[int64]*driver.StoredEvent{}, map[int64]*driver.SubscriptionRecord{}, map[int64]error{}, map[int64]error{}}
		if err := s.fetch(ctx, events, subs, &f); err != nil {
			return nil, nil, err
		}
		for i := range claims {
			list[i].err = cmp.Or(list[i].err, f.noEvent[list[i].event], f.noRecord[list[i].sub])
			if claims[i].Event == nil {
				if claims[i].Event = f.events[list[i].event]; claims[i].Event == nil {
					list[i].err = cmp.Or(list[i].err, errNoEvent)
				}
			}
			if claims[i].Subscription == nil {
				claims[i].Subscription = f.records[list[i].sub]
			}
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

var errNoEvent = fmt.Errorf("the event is not there: %w", driver.ErrUnreadable)

func (t *taken) fill(c *driver.Claim, ids *ids) {
	e := c.Event
	c.Ref, c.Lapses = t.ref, int(t.lapses)
	c.Delivery = driver.Delivery{
		ID: ids.encode(t.slot, t.sub), Org: e.Org, EventID: e.Event.ID, EventType: e.Event.Type, SubscriptionID: c.Subscription.ID,
		State: driver.StatePending, Attempt: int(t.attempt), Test: t.test, Reason: t.reason, CreatedAt: e.PublishedAt,
	}
	if t.parent != 0 {
		c.Delivery.ReplayedFrom, c.Delivery.CreatedAt = ids.encode(t.parent, t.sub), t.at.UTC()
	}
}

type fetched struct {
	events  map[int64]*driver.StoredEvent
	records map[int64]*driver.SubscriptionRecord
	// by the same numbers, what is wrong with those that cannot be read
	noEvent, noRecord map[int64]error
}

func (s *Store) fetch(ctx context.Context, events, subs []int64, f *fetched) error {
	slices.Sort(events)
	slices.Sort(subs)
	events, subs = slices.Compact(events), slices.Compact(subs)
	if err := s.run(ctx, func(c *pgx.Conn) error { return s.ask(ctx, c, events, subs, f) }); err != nil {
		return err
	}
	for slot, e := range f.events {
		s.events.put(slot, e)
	}
	for sub, r := range f.records {
		s.records.put(sub, r)
	}
	return nil
}

// ask is one round trip in the usual mode. The mode of a batch cannot be chosen, so that other modes ask twice.
func (s *Store) ask(ctx context.Context, c *pgx.Conn, events, subs []int64, f *fetched) (err error) {
	if len(events) > 0 && len(subs) > 0 && modeOf(c) == pgx.QueryExecModeCacheStatement {
		var b pgx.Batch
		b.Queue(s.sql.bodies, events).Query(func(rows pgx.Rows) error { return readAll(rows, f.event) })
		b.Queue(s.sql.records, subs).Query(func(rows pgx.Rows) error { return readAll(rows, f.record) })
		return c.SendBatch(ctx, &b).Close()
	}
	if len(events) > 0 {
		err = query(ctx, c, s.sql.bodies, []any{events}, f.event)
	}
	if len(subs) > 0 && err == nil {
		err = query(ctx, c, s.sql.records, []any{subs}, f.record)
	}
	return err
}

func (f *fetched) event(row scanner) error {
	e := &driver.StoredEvent{}
	v := &e.Event
	var slot int64
	var source string
	var created, published pgtype.Timestamptz
	var body []byte
	if err := row.Scan(&slot, &e.Org, &v.ID, &source, &v.Type, &v.Device, &v.Channel, &v.Test, &created, &published, &e.Trace, &body); err != nil {
		return err
	}
	v.Source, v.Body = envelope.Source(source), json.RawMessage(body)
	if err := readTimes(e, created, published); err != nil {
		f.noEvent[slot] = err
		return nil
	}
	f.events[slot] = e
	return nil
}

func (f *fetched) record(row scanner) error {
	var sub, version int64
	var raw string
	var topics pgtype.FlatArray[pgtype.Text]
	if err := row.Scan(&sub, &version, &raw, &topics); err != nil {
		return err
	}
	r, err := readRecord(version, raw, topics)
	if err != nil {
		f.noRecord[sub] = err
		return nil
	}
	f.records[sub] = r
	return nil
}

// readRecord reads a subscription as put wrote it.
func readRecord(version int64, raw string, topics pgtype.FlatArray[pgtype.Text]) (*driver.SubscriptionRecord, error) {
	r := &driver.SubscriptionRecord{}
	if err := json.Unmarshal([]byte(raw), r); err != nil {
		return nil, fmt.Errorf("the record of the subscription: %w: %w", driver.ErrUnreadable, err)
	}
	if r.Org == "" || r.ID == "" {
		return nil, fmt.Errorf("the record of the subscription does not say whose it is: %w", driver.ErrUnreadable)
	}
	var err error
	if r.Topics, err = texts("topics", topics); err != nil {
		return nil, err
	}
	r.Version = version
	return r, nil
}
