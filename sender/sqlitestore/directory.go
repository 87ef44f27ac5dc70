package sqlitestore

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const (
	sqlChanged = `UPDATE kirimhooks_meta SET value = value + 1 WHERE name = 'changes'`

	sqlCurrent = `
SELECT s.subscription, CAST(s.version AS INTEGER), s.is_active = 1,
	CASE WHEN json_valid(s.record) THEN json_extract(s.record, '$.URL') IS ? ELSE 0 END
FROM kirimhooks_subscriptions s INDEXED BY kirimhooks_subscriptions_id
WHERE s.org = ? AND s.id = ? AND s.deleted_at = 0`

	sqlCreate = `
INSERT INTO kirimhooks_subscriptions (org, id, version, is_active, record) VALUES (?, ?, ` + sqlChanges + `, ?, ?)`

	// It mends what could not be read.
	sqlReplace = `
UPDATE kirimhooks_subscriptions SET version = ` + sqlChanges + `, is_active = ?, record = ?,
	consecutive_dead = CAST(consecutive_dead AS INTEGER) * ?, failing_since = CAST(failing_since AS INTEGER)
WHERE subscription = ?`

	sqlVersion = `SELECT ` + sqlChanges

	sqlDelete = `UPDATE kirimhooks_subscriptions SET deleted_at = ?, is_active = 0 WHERE subscription = ?`
)

// PutSubscription implements [driver.Directory]. Versions come from one counter, so that a subscription made anew
// under an old id never repeats one.
func (s *Store) PutSubscription(ctx context.Context, r driver.SubscriptionRecord) (version int64, err error) {
	text, err := encodeRecord(&r)
	if err != nil {
		return 0, fmt.Errorf("sqlitestore: put subscription %q of org %q: %w", r.ID, r.Org, err)
	}
	err = s.write(ctx, "put subscription", func(tx *transaction) (err error) {
		if err := tx.put(&r, text); err != nil {
			return err
		}
		_, err = tx.row(sqlVersion, nil, &version)
		return err
	})
	if err != nil {
		return 0, err
	}
	if r.Status == driver.StatusActive {
		s.wakeup.ring()
	}
	return version, nil
}

func (tx *transaction) put(r *driver.SubscriptionRecord, text string) error {
	var number, current int64
	var wasActive, sameURL bool
	known, err := tx.row(sqlCurrent, []any{r.URL, r.Org, r.ID}, &number, &current, &wasActive, &sameURL)
	switch {
	case err != nil:
		return err
	case !known && r.Version != 0:
		return fmt.Errorf("no subscription %q in org %q: %w", r.ID, r.Org, driver.ErrNotFound)
	case known && current != r.Version:
		return fmt.Errorf("subscription %q of org %q is at version %d, not %d: %w",
			r.ID, r.Org, current, r.Version, driver.ErrConflict)
	}
	if _, err := tx.exec(sqlChanged); err != nil {
		return err
	}
	isActive := r.Status == driver.StatusActive
	if known {
		forgives := isActive && !wasActive || !sameURL
		_, err = tx.exec(sqlReplace, isActive, text, !forgives, number)
	} else {
		number, err = tx.insert(sqlCreate, r.Org, r.ID, isActive, text)
	}
	if err == nil {
		err = tx.setTopics(r.Org, number, r.Topics)
	}
	if err != nil {
		return err
	}
	// What waits in the lane stays where it is, however much that is.
	switch {
	case isActive && !wasActive:
		if err = tx.openLane(lane{number, false}); err == nil {
			_, err = tx.exec(sqlRelease)
		}
	case wasActive && !isActive:
		err = tx.closeLane(lane{number, false})
	}
	return err
}

// DeleteSubscription implements [driver.Directory]. Its cost does not depend on what waits: that reads as cancelled
// from now on, and Purge writes it down.
func (s *Store) DeleteSubscription(ctx context.Context, org, id string) error {
	return s.write(ctx, "delete subscription", func(tx *transaction) error {
		found, err := tx.numbers(sqlOnly, org, id)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fmt.Errorf("no subscription %q in org %q: %w", id, org, driver.ErrNotFound)
		}
		return tx.unsubscribe(org, found[0])
	})
}

func (tx *transaction) unsubscribe(org string, number int64) error {
	if _, err := tx.exec(sqlChanged); err != nil {
		return err
	}
	if err := tx.setTopics(org, number, nil); err != nil {
		return err
	}
	for _, isTest := range [...]bool{false, true} {
		if err := tx.closeLane(lane{number, isTest}); err != nil {
			return err
		}
	}
	_, err := tx.exec(sqlDelete, tx.now, number)
	return err
}

// Subscriptions implements [driver.Directory].
func (s *Store) Subscriptions(ctx context.Context, q driver.SubscriptionQuery) ([]driver.SubscriptionRecord, error) {
	text := sqlRecordColumns + ` FROM kirimhooks_subscriptions s INDEXED BY kirimhooks_subscriptions_id
WHERE s.org = ? AND s.id > ? AND s.deleted_at = 0`
	args := []any{q.Org, q.After}
	if ids := slices.Compact(slices.Sorted(slices.Values(q.IDs))); len(ids) > 0 {
		text += ` AND s.id IN (?` + strings.Repeat(`, ?`, len(ids)-1) + `)`
		for _, id := range ids {
			args = append(args, id)
		}
	}
	text += ` ORDER BY s.id`
	if q.Limit > 0 {
		text += ` LIMIT ?`
		args = append(args, q.Limit)
	}
	var list []driver.SubscriptionRecord
	now := s.now()
	err := s.read(ctx, text, args, func(scan scanner) error {
		found, err := scanSubscription(scan, now)
		if err == nil {
			list = append(list, *found.record)
		}
		return err
	})
	return list, failed("subscriptions", ctx, err)
}
