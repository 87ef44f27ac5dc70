package pgstore

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Minutes implements [driver.Log]. The counts reach back a day, until Purge forgets them.
func (s *Store) Minutes(ctx context.Context, org, sub string, back time.Duration) (list []driver.Minute, err error) {
	defer wrap(&err, "minutes")
	ctx, cancel, _, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	if !storable(org, sub) {
		return nil, notFound("subscription", org, sub)
	}
	if err := s.known(ctx, org, sub); err != nil {
		return nil, err
	}
	err = s.each(ctx, s.sql.in(minutes), []any{org, sub, micros(back)}, func(row scanner) error {
		var m minuteRow
		if err := row.Scan(&m.at, &m.delivered, &m.failed, &m.durations, &m.result, &m.n); err != nil {
			return err
		}
		if at, err := moment("minute", m.at); err == nil && m.readable() {
			if n := len(list); n == 0 || !list[n-1].At.Equal(at) {
				list = append(list, driver.Minute{At: at})
			}
			m.addTo(&list[len(list)-1])
		}
		return nil
	})
	return list, err
}

// known fails unless there is such a subscription, or none is named.
func (s *Store) known(ctx context.Context, org, sub string) error {
	if sub == "" {
		return nil
	}
	found := false
	err := s.row(ctx, s.sql.in(`select exists (
		select 1 from {schema}.subscriptions where org = $1 and id = $2 and removed_at = 'infinity')`),
		[]any{org, sub}, &found)
	if err == nil && !found {
		err = notFound("subscription", org, sub)
	}
	return err
}

// minutes are those of one subscription, or of all ($2 = ”), and what is still to be added to them.
const minutes = `
	select minute, delivered, failed, durations, null::smallint as result, 0 as n from {schema}.minutes
	where org = $1 and minute >= date_trunc('minute', now() - $3 * interval '1 microsecond') and ($2 = ''
		or subscription = (
			select number from {schema}.subscriptions where org = $1 and id = $2 and removed_at = 'infinity'))
	union all
	select a.minute, 0, 0, '{}', x.result, count(*)::int
	from {schema}.minutes_to_add a cross join unnest(a.subscriptions, a.results) as x(subscription, result)
	where a.minute >= date_trunc('minute', now() - $3 * interval '1 microsecond') and x.subscription in (
		select number from {schema}.subscriptions where org = $1 and ($2 = '' or id = $2 and removed_at = 'infinity'))
	group by a.minute, x.result
	order by minute`

// minuteRow is a row of minutes, or, with a result, n attempts that are still to be added to one.
type minuteRow struct {
	at                pgtype.Timestamptz
	delivered, failed int
	durations         pgtype.FlatArray[pgtype.Int4]
	result            *int16
	n                 int
}

func (r *minuteRow) readable() bool {
	const buckets = len(driver.Minute{}.Durations)
	if r.result != nil {
		return *r.result < int16(buckets) && *r.result >= -int16(buckets)
	}
	null := func(n pgtype.Int4) bool { return !n.Valid }
	return len(r.durations) == buckets && !slices.ContainsFunc(r.durations, null)
}

func (r *minuteRow) addTo(m *driver.Minute) {
	switch {
	case r.result == nil:
		m.Delivered += r.delivered
		m.Failed += r.failed
		for i, n := range r.durations {
			m.Durations[i] += int(n.Int32)
		}
	case *r.result < 0:
		m.Failed += r.n
		m.Durations[-1-*r.result] += r.n
	default:
		m.Delivered += r.n
		m.Durations[*r.result] += r.n
	}
}
