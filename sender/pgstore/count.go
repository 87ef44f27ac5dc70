package pgstore

import (
	"context"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Counts implements [driver.Counter]. A delivery in flight counts as due, or as held where its subscription is not
// active. The cost grows with what is unfinished and dead in the org.
func (s *Store) Counts(ctx context.Context, org string) (c driver.Counts, err error) {
	defer wrap(&err, "counts")
	ctx, cancel, _, err := s.begin(ctx)
	if err != nil {
		return c, err
	}
	defer cancel()
	if !storable(org) {
		return c, nil
	}
	err = s.row(ctx, s.sql.in(`select
			coalesce(sum(n) filter (where goes and (ready or is_test)), 0)::bigint,
			coalesce(sum(n) filter (where goes and not ready and not is_test), 0)::bigint,
			coalesce(sum(n) filter (where not goes), 0)::bigint,
			(select count(*) from {schema}.attempts where org = $1 and state = 2)
		from (
			select d.subscription, d.is_test, d.ready or d.due_at <= now() as ready, count(*) as n
			from {schema}.unfinished_deliveries d where d.org = $1 group by 1, 2, 3) d
		cross join lateral (
			select s.status = 'active' or d.is_test as goes from {schema}.subscriptions s
			where s.number = d.subscription and s.status <> 'removed' limit 1) s`),
		[]any{org}, &c.Due, &c.Waiting, &c.Held, &c.Dead)
	return c, err
}
