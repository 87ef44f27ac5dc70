package pgstore

import (
	"context"
	"encoding/json"
	"slices"

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
	return cache[*driver.SubscriptionRecord]{
		most: maxRecords, weigh: func(*driver.SubscriptionRecord) int { return 1 },
	}
}

func newEvents() cache[*driver.StoredEvent] {
	const overhead = 512
	return cache[*driver.StoredEvent]{
		most: maxBodies, weigh: func(e *driver.StoredEvent) int { return len(e.Event.Body) + overhead },
	}
}

// fetched are events and subscriptions by their numbers.
type fetched struct {
	events  map[int64]*driver.StoredEvent
	records map[int64]*driver.SubscriptionRecord
	// what is wrong with those that cannot be read
	noEvent, noRecord map[int64]error
}

func (s *Store) fetch(ctx context.Context, events, subscriptions []int64) (*fetched, error) {
	slices.Sort(events)
	slices.Sort(subscriptions)
	events, subscriptions = slices.Compact(events), slices.Compact(subscriptions)
	f := &fetched{
		map[int64]*driver.StoredEvent{}, map[int64]*driver.SubscriptionRecord{}, map[int64]error{}, map[int64]error{},
	}
	if err := s.run(ctx, func(c *pgx.Conn) error { return s.ask(ctx, c, events, subscriptions, f) }); err != nil {
		return nil, err
	}
	for number, e := range f.events {
		s.events.put(number, e)
	}
	for number, r := range f.records {
		s.records.put(number, r)
	}
	return f, nil
}

// ask is one round trip in the usual mode. The mode of a batch cannot be chosen, so that other modes ask twice.
func (s *Store) ask(ctx context.Context, c *pgx.Conn, events, subscriptions []int64, f *fetched) (err error) {
	if len(events) > 0 && len(subscriptions) > 0 && modeOf(c) == pgx.QueryExecModeCacheStatement {
		var b pgx.Batch
		b.Queue(s.sql.eventsByNumber, events).Query(func(rows pgx.Rows) error { return readAll(rows, f.event) })
		b.Queue(s.sql.subscriptionsByNumber, subscriptions).
			Query(func(rows pgx.Rows) error { return readAll(rows, f.record) })
		return c.SendBatch(ctx, &b).Close()
	}
	if len(events) > 0 {
		err = query(ctx, c, s.sql.eventsByNumber, []any{events}, f.event)
	}
	if len(subscriptions) > 0 && err == nil {
		err = query(ctx, c, s.sql.subscriptionsByNumber, []any{subscriptions}, f.record)
	}
	return err
}

func (f *fetched) event(row scanner) error {
	e := &driver.StoredEvent{}
	v := &e.Event
	var number int64
	var source string
	var created, published pgtype.Timestamptz
	var body []byte
	if err := row.Scan(&number, &e.Org, &v.ID, &source, &v.Type, &v.Device, &v.Channel, &v.Test, &created, &published,
		&e.Trace, &body); err != nil {
		return err
	}
	v.Source, v.Body = envelope.Source(source), json.RawMessage(body)
	if err := readTimes(e, created, published); err != nil {
		f.noEvent[number] = err
		return nil
	}
	f.events[number] = e
	return nil
}

func (f *fetched) record(row scanner) error {
	var x storedRecord
	if err := row.Scan(&x.number, &x.version, &x.record, &x.topics); err != nil {
		return err
	}
	r, err := x.read()
	if err != nil {
		f.noRecord[x.number] = err
		return nil
	}
	f.records[x.number] = r
	return nil
}
