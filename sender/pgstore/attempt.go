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
	slot, sub, ok := ids.decode(deliveryID)
	if !ok || !storable(org) {
		return nil, notFound("delivery", org, deliveryID)
	}
	found := false
	err = s.each(ctx, s.sql.in(`select n, logged, dur, http, class, response, test from (
			select n, logged, dur, http, class, response, test, token from {schema}.log where org = $1 and slot = $2 and sub = $3
			union all
			select null, null, null, null, null, null, null, null from {schema}.q where org = $1 and slot = $2 and sub = $3) x
		order by logged, n, token`), []any{org, slot, sub}, func(row scanner) error {
		var n, http *int
		var logged pgtype.Timestamptz
		var dur *int64
		var class *string
		var response []byte
		var test *bool
		if err := row.Scan(&n, &logged, &dur, &http, &class, &response, &test); err != nil {
			return err
		}
		found = true
		if n == nil { // it is there, and this row tells of no request
			return nil
		}
		a := driver.Attempt{N: *n, ErrorClass: text(class), Response: string(response)}
		var err error
		if a.At, err = moment("logged", logged); err != nil {
			a.ErrorClass = driver.ReasonUnreadable
		} else if dur != nil {
			a.Duration = time.Duration(*dur)
			a.At = a.At.Add(-a.Duration.Truncate(time.Microsecond))
		}
		if http != nil {
			a.StatusCode = *http
		}
		if test != nil {
			a.Test = *test
		}
		list = append(list, a)
		return nil
	})
	if err == nil && !found {
		err = notFound("delivery", org, deliveryID)
	}
	return list, err
}
