package pgstore

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Attempts implements [driver.Log].
func (s *Store) Attempts(ctx context.Context, org, deliveryID string) (list []driver.Attempt, err error) {
	defer wrap(&err, "attempts")
	ctx, cancel, ids, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	k, ok := ids.decode(deliveryID)
	if !ok || !storable(org) {
		return nil, notFound("delivery", org, deliveryID)
	}
	found := false
	read := func(row scanner) error {
		found = true
		var r attemptRow
		err := row.Scan(&r.number, &r.logged, &r.duration, &r.status, &r.class, &r.response, &r.test)
		if err == nil && r.number != nil { // else it is there, and this row tells of no request
			list = append(list, r.attempt())
		}
		return err
	}
	err = s.each(ctx, s.sql.in(`
		select attempt_number, logged_at, duration_ns, status_code, error_class, response, attempt_is_test from (
			select attempt_number, logged_at, duration_ns, status_code, error_class, response, attempt_is_test, token
			from {schema}.attempts where org = $1 and delivery = $2 and subscription = $3
			union all
			select null, null, null, null, null, null, null, null
			from {schema}.unfinished_deliveries where org = $1 and number = $2 and subscription = $3) x
		order by logged_at, attempt_number, token`), []any{org, k.number, k.subscription}, read)
	if err == nil && !found {
		err = notFound("delivery", org, deliveryID)
	}
	return list, err
}

type attemptRow struct {
	number   *int // nil: no request was made
	logged   pgtype.Timestamptz
	duration *int64
	status   *int
	class    *string
	response []byte
	test     *bool
}

func (r *attemptRow) attempt() driver.Attempt {
	a := driver.Attempt{N: *r.number, ErrorClass: text(r.class), Response: string(r.response)}
	var err error
	if a.At, err = moment("logged_at", r.logged); err != nil {
		a.ErrorClass = driver.ReasonUnreadable
	} else if r.duration != nil {
		a.Duration = time.Duration(*r.duration)
		a.At = a.At.Add(-a.Duration.Truncate(time.Microsecond))
	}
	if r.status != nil {
		a.StatusCode = *r.status
	}
	if r.test != nil {
		a.Test = *r.test
	}
	return a
}
