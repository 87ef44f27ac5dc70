package pgstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Event implements [driver.Log].
func (s *Store) Event(ctx context.Context, org, id string) (e driver.StoredEvent, err error) {
	defer wrap(&err, "event")
	ctx, cancel, _, err := s.begin(ctx)
	if err != nil {
		return e, err
	}
	defer cancel()
	if !storable(org, id) {
		return e, notFound("event", org, id)
	}
	var created, published pgtype.Timestamptz
	v := &e.Event
	err = s.row(ctx, s.sql.in(`
		select org, id, source, type, device, channel, is_test, created_at, published_at, trace, body
		from {schema}.events where org = $1 and id = $2`), []any{org, id},
		&e.Org, &v.ID, &v.Source, &v.Type, &v.Device, &v.Channel, &v.Test, &created, &published, &e.Trace,
		(*[]byte)(&v.Body))
	if errors.Is(err, pgx.ErrNoRows) {
		err = notFound("event", org, id)
	}
	if err != nil {
		return driver.StoredEvent{}, err
	}
	return e, readTimes(&e, created, published)
}

// Events implements [driver.Log]. The list runs down an index of the org's own. A filter that matches little makes it
// read as many of the org's events as it takes, but no bodies.
func (s *Store) Events(ctx context.Context, q driver.EventQuery) (page []driver.StoredEvent, err error) {
	defer wrap(&err, "events")
	ctx, cancel, _, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	before, err := s.numberOf(ctx, q.Org, q.After)
	if err != nil || !storable(q.Org, string(q.Source), q.Type, q.Device, q.Channel) {
		return nil, err
	}
	args := []any{
		q.Org, before, string(q.Source), q.Type, q.Device, q.Channel, q.Undelivered, bound(q.Since), bound(q.Until),
		pageOf(q.Limit),
	}
	err = s.each(ctx, s.sql.in(`select * from {schema}.list_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`), args,
		func(row scanner) error {
			e := driver.StoredEvent{Org: q.Org}
			var created, published pgtype.Timestamptz
			v := &e.Event
			if err := row.Scan(&v.ID, &v.Source, &v.Type, &v.Device, &v.Channel, &v.Test, &created, &published,
				&e.Trace); err != nil {
				return err
			}
			_ = readTimes(&e, created, published) // one that cannot be read is zero
			page = append(page, e)
			return nil
		})
	return page, err
}

// numberOf is the number of an event, nil if none is named.
func (s *Store) numberOf(ctx context.Context, org, id string) (*int64, error) {
	if id == "" {
		return nil, nil
	}
	if !storable(org, id) {
		return nil, notFound("event", org, id)
	}
	list, err := s.numbers(ctx, `select number from {schema}.events where org = $1 and id = $2`, org, id)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, notFound("event", org, id)
	}
	return &list[0], nil
}

// bound is a bound of time as a query has it, nil for none.
func bound(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = storableTime(t)
	return &t
}

// readTimes completes an event as far as its times can be read.
func readTimes(e *driver.StoredEvent, created, published pgtype.Timestamptz) error {
	var err, err2 error
	e.Event.CreatedAt, err = moment("created_at", created)
	e.PublishedAt, err2 = moment("published_at", published)
	if err = cmp.Or(err, err2); err != nil {
		return fmt.Errorf("event %q of org %q: %w", e.Event.ID, e.Org, err)
	}
	return nil
}
