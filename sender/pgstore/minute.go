package pgstore

import (
	"context"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

// Minutes implements [sender.Log]. The counts reach back a day, until Purge forgets them.
func (s *Store) Minutes(ctx context.Context, org, sub string, back time.Duration) (list []sender.Minute, err error) {
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
		err = s.pool.QueryRow(ctx, s.sql.in(`select exists (select 1 from {schema}.subs where org = $1 and id = $2 and gone = 'infinity')`), org, sub).Scan(&found)
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
		order by at`), []any{org, sub, back.Microseconds()}, func(row scanner) error {
		var at time.Time
		var delivered, failed, n int
		var durations []int32
		var what *int16
		if err := row.Scan(&at, &delivered, &failed, &durations, &what, &n); err != nil {
			return err
		}
		if n := len(list); n == 0 || !list[n-1].At.Equal(at) {
			list = append(list, sender.Minute{At: at.UTC()})
		}
		m := &list[len(list)-1]
		switch {
		case what == nil:
		case *what < 0:
			failed, m.Durations[-1-*what] = n, m.Durations[-1-*what]+n
		default:
			delivered, m.Durations[*what] = n, m.Durations[*what]+n
		}
		m.Delivered += delivered
		m.Failed += failed
		for i := range min(len(durations), len(m.Durations)) {
			m.Durations[i] += int(durations[i])
		}
		return nil
	})
	return list, err
}
