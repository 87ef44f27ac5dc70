package sqlitestore

import (
	"context"
	"time"
)

// The head of each lane; and what has fallen due since the last claim, of which a thousand are enough.
const sqlOldestDue = `
SELECT coalesce(CAST(min(due_at) AS INTEGER), 0) FROM (
	SELECT subscription, is_test, (
		SELECT d.due_at FROM kirimhooks_deliveries d INDEXED BY kirimhooks_ready
		WHERE d.phase = 1 AND d.subscription = kirimhooks_lanes.subscription AND d.is_test = kirimhooks_lanes.is_test
		ORDER BY d.due_at LIMIT 1) AS due_at
	FROM kirimhooks_lanes
	UNION ALL
	SELECT * FROM (
		SELECT subscription, is_test, due_at FROM kirimhooks_deliveries INDEXED BY kirimhooks_timers
		WHERE phase >= 2 AND phase < 4 AND due_at <= ?1 ORDER BY due_at LIMIT 1000) late) heads
WHERE due_at IS NOT NULL AND (
	SELECT s.deleted_at = 0 AND (s.is_active OR heads.is_test)
	FROM kirimhooks_subscriptions s WHERE s.subscription = heads.subscription)`

// OldestDue implements [driver.Backlog]. It looks up the head of each lane that may have something to claim.
func (s *Store) OldestDue(ctx context.Context) (age time.Duration, err error) {
	now, due := s.now(), int64(0)
	err = s.read(ctx, sqlOldestDue, []any{now}, func(scan scanner) error { return scan(&due) })
	if due > 0 {
		age = max(0, time.Duration(now-due))
	}
	return age, failed("oldest due", ctx, err)
}
