package sqlitestore

import (
	"sort"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const (
	sqlInactive = `
SELECT subscription, CAST(deleted_at AS INTEGER) FROM kirimhooks_subscriptions
INDEXED BY kirimhooks_subscriptions_inactive WHERE is_active = 0 ORDER BY subscription`

	// Counting stops where it is known that there is enough to do.
	sqlCountHeld = `
SELECT count(*) FROM (
	SELECT 1 FROM kirimhooks_deliveries INDEXED BY kirimhooks_ready
	WHERE phase = 1 AND subscription = ?1 AND is_test = 0 UNION ALL
	SELECT 1 FROM kirimhooks_deliveries INDEXED BY kirimhooks_waiting
	WHERE phase = 2 AND subscription = ?1 AND is_test = 0 LIMIT ?2)`

	sqlNewestHeld = `
SELECT delivery FROM kirimhooks_deliveries INDEXED BY kirimhooks_by_subscription
WHERE subscription = ? AND is_test = 0 AND phase IN (1, 2) ORDER BY delivery DESC LIMIT 1 OFFSET ?`

	// A test is no live event that somebody held: it goes only with its subscription.
	sqlHeldUpTo = `
SELECT delivery FROM kirimhooks_deliveries INDEXED BY kirimhooks_ready
WHERE phase = 1 AND subscription = ?1 AND is_test <= ?2 AND delivery <= ?3 UNION ALL
SELECT delivery FROM kirimhooks_deliveries INDEXED BY kirimhooks_waiting
WHERE phase = 2 AND subscription = ?1 AND is_test <= ?2 AND delivery <= ?3 LIMIT ?4`

	sqlCreatedAt = `
SELECT CAST(created_at AS INTEGER) FROM kirimhooks_deliveries INDEXED BY kirimhooks_by_subscription
WHERE subscription = ? AND delivery >= ? ORDER BY delivery LIMIT 1`

	sqlNewest = `SELECT coalesce(max(delivery), 0) FROM kirimhooks_deliveries`

	sqlEnd = `
UPDATE kirimhooks_deliveries SET phase = 0, due_at = ?2, state = 'cancelled', reason = ?3, leases = 0
WHERE delivery = ?1`

	sqlForgetSubscription = `
DELETE FROM kirimhooks_subscriptions WHERE subscription = ?1 AND deleted_at > 0 AND deleted_at <= ?2 AND NOT EXISTS (
	SELECT 1 FROM kirimhooks_deliveries INDEXED BY kirimhooks_by_subscription WHERE subscription = ?1)`
)

// held cancels what waits for subscriptions that are not active: all, of those that were deleted, and what is too much
// or too old, of the others.
func (p *purge) held() error {
	inactive, err := p.tx.pairs(sqlInactive)
	for _, x := range inactive {
		if err != nil || p.left() == 0 {
			break
		}
		if number, deletedAt := x[0], x[1]; deletedAt == 0 {
			err = p.trim(number)
		} else {
			err = p.forget(number, deletedAt)
		}
	}
	return err
}

// trim cancels the oldest held deliveries of a subscription that are too many or too old. Later deliveries have greater
// numbers, so both come down to a number up to which they go, and nothing needs to be sorted.
func (p *purge) trim(number int64) error {
	keep, n, newest := max(0, p.r.HeldMax), 0, int64(0)
	if _, err := p.tx.row(sqlCountHeld, []any{number, keep + 1}, &n); err != nil || n == 0 {
		return err
	}
	if n > keep {
		if _, err := p.tx.row(sqlNewestHeld, []any{number, keep}, &newest); err != nil {
			return err
		}
	}
	last, err := p.madeBefore(number, before(p.tx.now, p.r.HeldAge))
	if err != nil {
		return err
	}
	return p.cancel(number, false, max(last, newest), p.tx.now, driver.ReasonTrimmed)
}

// madeBefore bisects the deliveries of a subscription: those up to the one returned were made at the moment or before.
func (p *purge) madeBefore(number, moment int64) (last int64, err error) {
	var newest int
	if _, err := p.tx.row(sqlNewest, nil, &newest); err != nil {
		return 0, err
	}
	later := sort.Search(newest+1, func(delivery int) bool {
		created := int64(never)
		if err == nil {
			_, err = p.tx.row(sqlCreatedAt, []any{number, delivery}, &created)
		}
		return created > moment
	})
	return int64(later) - 1, err
}

// forget cancels all that waits for a subscription that was deleted, and forgets it once nothing names it.
func (p *purge) forget(number, deletedAt int64) error {
	if err := p.cancel(number, true, never, deletedAt, driver.ReasonUnsubscribed); err != nil {
		return err
	}
	_, err := p.tx.exec(sqlForgetSubscription, number, before(p.tx.now, minutesKept))
	return err
}

// cancel ends deliveries that wait for a subscription.
func (p *purge) cancel(number int64, testsToo bool, last, at int64, reason string) error {
	list, err := p.tx.numbers(sqlHeldUpTo, number, testsToo, last, p.left())
	for _, delivery := range list {
		if err == nil {
			_, err = p.tx.exec(sqlEnd, delivery, at, reason)
		}
	}
	p.done.Held += len(list)
	return err
}
