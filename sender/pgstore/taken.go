package pgstore

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
)

const (
	maxRecords = 4096    // subscriptions of one generation of the cache
	maxBodies  = 8 << 20 // and bytes of events
)

func newRecords() cache[*sender.SubscriptionRecord] {
	return cache[*sender.SubscriptionRecord]{most: maxRecords, weigh: func(*sender.SubscriptionRecord) int { return 1 }}
}

func newEvents() cache[*sender.StoredEvent] {
	const overhead = 512
	return cache[*sender.StoredEvent]{most: maxBodies, weigh: func(e *sender.StoredEvent) int { return len(e.Event.Body) + overhead }}
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
}

// complete makes claims. What this process has not seen lately is fetched in one round trip: events, which never change,
// and subscriptions, which are used at the version that the claim names or a later one. A claim whose subscription went
// away meanwhile is left out; its lease runs out, and it is not claimed again.
func (s *Store) complete(ctx context.Context, ids *ids, token int64, list []taken) ([]sender.Claim, error) {
	claims := make([]sender.Claim, len(list))
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
		f := fetched{map[int64]*sender.StoredEvent{}, map[int64]*sender.SubscriptionRecord{}}
		if err := s.fetch(ctx, events, subs, &f); err != nil {
			return nil, err
		}
		for i := range claims {
			if claims[i].Event == nil {
				claims[i].Event = f.events[list[i].event]
			}
			if claims[i].Subscription == nil {
				claims[i].Subscription = f.records[list[i].sub]
			}
		}
	}
	text := tokenText(token)
	for i := range list {
		if c := &claims[i]; c.Event != nil && c.Subscription != nil {
			list[i].fill(c, ids)
			c.Token = text
		}
	}
	return slices.DeleteFunc(claims, func(c sender.Claim) bool { return c.Token == "" }), nil
}

func (t *taken) fill(c *sender.Claim, ids *ids) {
	e := c.Event
	c.Ref, c.Lapses = t.ref, int(t.lapses)
	c.Delivery = sender.Delivery{
		ID: ids.encode(t.slot, t.sub), Org: e.Org, EventID: e.Event.ID, EventType: e.Event.Type, SubscriptionID: c.Subscription.ID,
		State: sender.StatePending, Attempt: int(t.attempt), Test: t.test, Reason: t.reason, CreatedAt: e.PublishedAt,
	}
	if t.parent != 0 {
		c.Delivery.ReplayedFrom, c.Delivery.CreatedAt = ids.encode(t.parent, t.sub), t.at.UTC()
	}
}

type fetched struct {
	events  map[int64]*sender.StoredEvent
	records map[int64]*sender.SubscriptionRecord
}

func (s *Store) fetch(ctx context.Context, events, subs []int64, f *fetched) error {
	var b pgx.Batch
	if len(events) > 0 {
		slices.Sort(events)
		b.Queue(s.sql.bodies, slices.Compact(events)).Query(func(rows pgx.Rows) error { return readAll(rows, f.event) })
	}
	if len(subs) > 0 {
		slices.Sort(subs)
		b.Queue(s.sql.records, slices.Compact(subs)).Query(func(rows pgx.Rows) error { return readAll(rows, f.record) })
	}
	if err := s.pool.SendBatch(ctx, &b).Close(); err != nil {
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

func (f *fetched) event(row scanner) error {
	e := &sender.StoredEvent{}
	v := &e.Event
	var slot int64
	var source string
	var created *time.Time
	var body []byte
	if err := row.Scan(&slot, &e.Org, &v.ID, &source, &v.Type, &v.Device, &v.Channel, &v.Test, &created, &e.PublishedAt, &e.Trace, &body); err != nil {
		return err
	}
	v.Source, v.CreatedAt, v.Body, e.PublishedAt = envelope.Source(source), instant(created), json.RawMessage(body), e.PublishedAt.UTC()
	f.events[slot] = e
	return nil
}

func (f *fetched) record(row scanner) error {
	var sub, version int64
	var raw string
	var topics []string
	if err := row.Scan(&sub, &version, &raw, &topics); err != nil {
		return err
	}
	r, err := readRecord(sub, version, raw, topics)
	f.records[sub] = r
	return err
}

// readRecord reads a subscription as put wrote it.
func readRecord(sub, version int64, raw string, topics []string) (*sender.SubscriptionRecord, error) {
	r := &sender.SubscriptionRecord{}
	if err := json.Unmarshal([]byte(raw), r); err != nil {
		return nil, err
	}
	r.Version, r.Topics, r.Shard = version, topics, int(sub>>56)
	return r, nil
}
