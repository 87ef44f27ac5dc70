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
	found := sub == ""
	if !found {
		err = s.row(ctx, s.sql.in(`select exists (select 1 from {schema}.subs where org = $1 and id = $2 and gone = 'infinity')`), []any{org, sub}, &found)
		if err == nil && !found {
			err = notFound("subscription", org, sub)
		}
	}
	if err != nil {
		return nil, err
	}
	// what is still to be added up stands in counts
	err = s.each(ctx, s.sql.in(`select at, delivered, failed, durations, null::smallint as what, 0 as n from {schema}.minutes
		where org = $1 and ($2 = '' or sub = (select sub from {schema}.subs where org = $1 and id = $2 and gone = 'infinity'))
			and at >= date_trunc('minute', now() - $3 * interval '1 microsecond')
		union all
		select c.at, 0, 0, '{}', x.what, count(*)::int from {schema}.counts c cross join unnest(c.sub, c.what) as x(sub, what)
		where x.sub in (select sub from {schema}.subs where org = $1 and ($2 = '' or id = $2 and gone = 'infinity'))
			and c.at >= date_trunc('minute', now() - $3 * interval '1 microsecond')
		group by c.at, x.what
		order by at`), []any{org, sub, micros(back)}, func(row scanner) error {
		var m minuteRow
		if err := row.Scan(&m.at, &m.delivered, &m.failed, &m.durations, &m.what, &m.n); err != nil {
			return err
		}
		if at, err := moment("at", m.at); err == nil && m.readable() {
			if n := len(list); n == 0 || !list[n-1].At.Equal(at) {
				list = append(list, driver.Minute{At: at})
			}
			m.addTo(&list[len(list)-1])
		}
		return nil
	})
	return list, err
}

// minuteRow is a row of minutes, or, with what, n attempts that are still to be added to one.
type minuteRow struct {
	at                pgtype.Timestamptz
	delivered, failed int
	durations         pgtype.FlatArray[pgtype.Int4]
	what              *int16
	n                 int
}

func (r *minuteRow) readable() bool {
	const buckets = len(driver.Minute{}.Durations)
	if r.what != nil {
		return *r.what < int16(buckets) && *r.what >= -int16(buckets)
	}
	return len(r.durations) == buckets && !slices.ContainsFunc(r.durations, func(n pgtype.Int4) bool { return !n.Valid })
}

func (r *minuteRow) addTo(m *driver.Minute) {
	switch {
	case r.what == nil:
		m.Delivered += r.delivered
		m.Failed += r.failed
		for i, n := range r.durations {
			m.Durations[i] += int(n.Int32)
		}
	case *r.what < 0:
		m.Failed += r.n
		m.Durations[-1-*r.what] += r.n
	default:
		m.Delivered += r.n
		m.Durations[*r.what] += r.n
	}
}
