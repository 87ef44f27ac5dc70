package sqlitestore

import "sort"

const (
	sqlInactive = `SELECT sub, CAST(gone AS INTEGER) FROM kirimhooks_subscriptions INDEXED BY kirimhooks_subscriptions_inactive WHERE active = 0 ORDER BY sub`

	// Counting stops where it is known that there is enough to do.
	sqlCountHeld = `
SELECT count(*) FROM (
	SELECT 1 FROM kirimhooks_deliveries INDEXED BY kirimhooks_ready WHERE place = 1 AND sub = ?1 AND test = 0 UNION ALL
	SELECT 1 FROM kirimhooks_deliveries INDEXED BY kirimhooks_waiting WHERE place = 2 AND sub = ?1 AND test = 0 LIMIT ?2)`

	sqlNewestHeld = `
SELECT delivery FROM kirimhooks_deliveries INDEXED BY kirimhooks_by_sub WHERE sub = ? AND test = 0 AND place IN (1, 2)
ORDER BY delivery DESC LIMIT 1 OFFSET ?`

	// A test is no live event that somebody held: it goes only with its subscription.
	sqlHeldUpTo = `
SELECT delivery FROM kirimhooks_deliveries INDEXED BY kirimhooks_ready WHERE place = 1 AND sub = ?1 AND test <= ?2 AND delivery <= ?3 UNION ALL
SELECT delivery FROM kirimhooks_deliveries INDEXED BY kirimhooks_waiting WHERE place = 2 AND sub = ?1 AND test <= ?2 AND delivery <= ?3 LIMIT ?4`

	sqlMade = `
SELECT CAST(created AS INTEGER) FROM kirimhooks_deliveries INDEXED BY kirimhooks_by_sub WHERE sub = ? AND delivery >= ?
ORDER BY delivery LIMIT 1`

	sqlCancel = `UPDATE kirimhooks_deliveries SET place = 0, at = ?2, state = 'cancelled', reason = ?3, leased = 0 WHERE delivery = ?1`

	sqlForgetSubscription = `
DELETE FROM kirimhooks_subscriptions WHERE sub = ?1 AND gone > 0 AND gone <= ?2
	AND NOT EXISTS (SELECT 1 FROM kirimhooks_deliveries INDEXED BY kirimhooks_by_sub WHERE sub = ?1)`
)

// held cancels what waits for subscriptions that are not active: all, of those that are gone, and what is too much or too old,
// of the others.
func (p *purge) held() error {
	type inactive struct{ sub, gone int64 }
	var list []inactive
	err := p.tx.each(sqlInactive, nil, func(scan scanner) error {
		var i inactive
		err := scan(&i.sub, &i.gone)
		list = append(list, i)
		return err
	})
	if err != nil {
		return err
	}
	for _, i := range list {
		if p.left() == 0 {
			return nil
		}
		if i.gone == 0 {
			err = p.trim(i.sub)
		} else {
			err = p.bury(i.sub, i.gone)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// trim cancels the oldest held deliveries of a subscription that are too many or too old. Later deliveries have greater
// numbers, so both come down to a number up to which they go, and nothing needs to be sorted.
func (p *purge) trim(sub int64) error {
	keep, n, newest := max(0, p.r.HeldMax), 0, int64(0)
	if _, err := p.tx.row(sqlCountHeld, []any{sub, keep + 1}, &n); err != nil || n == 0 {
		return err
	}
	if n > keep {
		if _, err := p.tx.row(sqlNewestHeld, []any{sub, keep}, &newest); err != nil {
			return err
		}
	}
	last, err := p.madeBefore(sub, before(p.tx.now, p.r.HeldAge))
	if err != nil {
		return err
	}
	return p.cancel(sub, 0, max(last, newest), p.tx.now, reasonTrimmed)
}

// madeBefore bisects the deliveries of a subscription: up to the number returned they were made at the moment or before it.
func (p *purge) madeBefore(sub, moment int64) (last int64, err error) {
	var o outlook
	if err := p.tx.each(sqlOutlook, nil, o.scan); err != nil {
		return 0, err
	}
	later := sort.Search(int(o.seen.deliveries)+1, func(number int) bool {
		created := int64(never)
		if err == nil {
			_, err = p.tx.row(sqlMade, []any{sub, number}, &created)
		}
		return created > moment
	})
	return int64(later) - 1, err
}

// bury cancels everything that waits for a subscription that is gone, and forgets it once nothing names it.
func (p *purge) bury(sub, gone int64) error {
	if err := p.cancel(sub, 1, never, gone, reasonGone); err != nil {
		return err
	}
	_, err := p.tx.exec(sqlForgetSubscription, sub, before(p.tx.now, minutesKept))
	return err
}

// cancel ends deliveries that wait for a subscription, and its tests too if test is 1.
func (p *purge) cancel(sub int64, test int, last, at int64, reason string) error {
	var list []int64
	err := p.tx.each(sqlHeldUpTo, []any{sub, test, last, p.left()}, func(scan scanner) error {
		var delivery int64
		err := scan(&delivery)
		list = append(list, delivery)
		return err
	})
	if err != nil {
		return err
	}
	for _, delivery := range list {
		if _, err := p.tx.exec(sqlCancel, delivery, at, reason); err != nil {
			return err
		}
	}
	p.done.Held += len(list)
	return nil
}
