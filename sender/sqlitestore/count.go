package sqlitestore

import (
	"context"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const sqlCounts = `
WITH subs AS (
	SELECT subscription, is_active FROM kirimhooks_subscriptions INDEXED BY kirimhooks_subscriptions_id
	WHERE org = ?1 AND deleted_at = 0),
waits AS (
	SELECT 1 AS phase, s.is_active, d.is_test FROM subs s
	CROSS JOIN kirimhooks_deliveries d INDEXED BY kirimhooks_ready ON d.subscription = s.subscription AND d.phase = 1
	UNION ALL
	SELECT iif(d.due_at > ?2, 2, 1), s.is_active, d.is_test FROM subs s
	CROSS JOIN kirimhooks_deliveries d INDEXED BY kirimhooks_waiting ON d.subscription = s.subscription AND d.phase = 2)
SELECT
	count(*) FILTER (WHERE phase = 1 AND (is_active OR is_test)),
	count(*) FILTER (WHERE phase = 2 AND (is_active OR is_test)),
	count(*) FILTER (WHERE NOT is_active AND NOT is_test),
	(SELECT count(*) FROM kirimhooks_deliveries INDEXED BY kirimhooks_dead WHERE org = ?1 AND state = 'dead')
FROM waits`

// Counts implements [driver.Counter]. A delivery in flight waits for nothing and is not counted. The cost is that of
// walking through an index of what is counted.
func (s *Store) Counts(ctx context.Context, org string) (driver.Counts, error) {
	var c driver.Counts
	err := s.read(ctx, sqlCounts, []any{org, s.now()}, func(scan scanner) error {
		return scan(&c.Due, &c.Waiting, &c.Held, &c.Dead)
	})
	return c, failed("counts", ctx, err)
}
