package pgstore

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/kirimhooks/kirimhooks/sender"
)

// Event implements [sender.Log].
func (s *Store) Event(ctx context.Context, org, id string) (e sender.StoredEvent, err error) {
	defer wrap(&err, "event")
	ctx, cancel, _, err := s.begin(ctx)
	if err != nil {
		return e, err
	}
	defer cancel()
	if !storable(org, id) {
		return e, notFound("event", org, id)
	}
	var created *time.Time
	v := &e.Event
	err = s.pool.QueryRow(ctx, s.sql.in(`select org, id, source, type, device, channel, test, created, at, trace, body
		from {schema}.events where org = $1 and id = $2`), org, id).
		Scan(&e.Org, &v.ID, &v.Source, &v.Type, &v.Device, &v.Channel, &v.Test, &created, &e.PublishedAt, &e.Trace, (*[]byte)(&v.Body))
	if errors.Is(err, pgx.ErrNoRows) {
		err = notFound("event", org, id)
	}
	if err != nil {
		return sender.StoredEvent{}, err
	}
	v.CreatedAt, e.PublishedAt = instant(created), e.PublishedAt.UTC()
	return e, nil
}
