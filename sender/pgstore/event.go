package pgstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"

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
