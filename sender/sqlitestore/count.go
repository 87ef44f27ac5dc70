package sqlitestore

import (
	"context"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const sqlCounts = `
WITH subs AS (SELECT sub, active FROM kirimhooks_subscriptions INDEXED BY kirimhooks_subscriptions_id WHERE org = ?1 AND gone = 0),
waits AS (
	SELECT 1 AS place, s.active, d.test FROM subs s CROSS JOIN kirimhooks_deliveries d INDEXED BY kirimhooks_ready
		ON d.sub = s.sub AND d.place = 1
	UNION ALL
	SELECT iif(d.at > ?2, 2, 1), s.active, d.test FROM subs s CROSS JOIN kirimhooks_deliveries d INDEXED BY kirimhooks_waiting
		ON d.sub = s.sub AND d.place = 2)
SELECT
	count(*) FILTER (WHERE place = 1 AND (active OR test)),
	count(*) FILTER (WHERE place = 2 AND (active OR test)),
	count(*) FILTER (WHERE NOT active AND NOT test),
	(SELECT count(*) FROM kirimhooks_deliveries INDEXED BY kirimhooks_dead WHERE org = ?1 AND state = 'dead')
FROM waits`

// Counts implements [driver.Counter]. A delivery in flight waits for nothing and is not counted. The cost is that of walking
// through an index of what is counted.
func (s *Store) Counts(ctx context.Context, org string) (driver.Counts, error) {
	var c driver.Counts
	err := s.read(ctx, sqlCounts, []any{org, s.now()}, func(scan scanner) error { return scan(&c.Due, &c.Waiting, &c.Held, &c.Dead) })
	return c, failed("counts", ctx, err)
}
