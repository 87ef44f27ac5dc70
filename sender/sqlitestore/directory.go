package sqlitestore

import (
	"context"
	"fmt"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const (
	sqlChanged = `UPDATE kirimhooks_meta SET value = value + 1 WHERE name = 'changes' RETURNING value`

	sqlCurrent = `
SELECT s.sub, CAST(s.version AS INTEGER), s.active = 1, ` + sqlDigestOfTopics + `,
	CASE WHEN json_valid(s.record) THEN json_type(s.record, '$.Topics') IS NOT NULL ELSE 0 END,
	CASE WHEN json_valid(s.record) THEN json_extract(s.record, '$.URL') IS ? ELSE 0 END
FROM kirimhooks_subscriptions s INDEXED BY kirimhooks_subscriptions_id WHERE s.org = ? AND s.id = ? AND s.gone = 0`

	sqlCreate = `INSERT INTO kirimhooks_subscriptions (org, id, version, active, shard, record) VALUES (?, ?, ?, ?, ?, ?)`

	// It mends what could not be read.
	sqlReplace = `
UPDATE kirimhooks_subscriptions
SET version = ?, active = ?, record = ?, deads = CAST(deads AS INTEGER) * ?, failing = CAST(failing AS INTEGER), shard = ? WHERE sub = ?`

	sqlDelete = `UPDATE kirimhooks_subscriptions SET gone = ?, active = 0 WHERE sub = ?`
)

// PutSubscription implements [driver.Directory]. Versions come from one counter, so that a subscription made anew under an
// old id never repeats one.
func (s *Store) PutSubscription(ctx context.Context, r driver.SubscriptionRecord) (version int64, err error) {
	err = r.Valid()
	text := ""
	if err == nil {
		text, err = encodeRecord(&r)
	}
	if err != nil {
		return 0, fmt.Errorf("sqlitestore: put subscription %q of org %q: %w", r.ID, r.Org, err)
	}
	err = s.write(ctx, "put subscription", func(tx *transaction) (err error) {
		version, err = tx.put(&r, text)
		return err
	})
	if err != nil {
		return 0, err
	}
	if r.Status == driver.StatusActive {
		s.bell.ring()
	}
	return version, nil
}

func (tx *transaction) put(r *driver.SubscriptionRecord, text string) (version int64, err error) {
	var sub, current int64
	var wasActive, inRecord, sameURL bool
	var digest string
	known, err := tx.row(sqlCurrent, []any{r.URL, r.Org, r.ID}, &sub, &current, &wasActive, &digest, &inRecord, &sameURL)
	switch {
	case err != nil:
		return 0, err
	case !known && r.Version != 0:
		return 0, fmt.Errorf("no subscription %q in org %q: %w", r.ID, r.Org, driver.ErrNotFound)
	case known && current != r.Version:
		return 0, fmt.Errorf("subscription %q of org %q is at version %d, not %d: %w", r.ID, r.Org, current, r.Version, driver.ErrConflict)
	}
	if _, err := tx.row(sqlChanged, nil, &version); err != nil {
		return 0, err
	}
	active, fresh := r.Status == driver.StatusActive, digestOf(r.Topics)
	if !known {
		sub, err = tx.insert(sqlCreate, r.Org, r.ID, version, active, 0, text)
		if err != nil {
			return 0, err
		}
		return version, tx.keepTopics(r.Org, sub, nil, r.Topics, fresh)
	}
	// To pause, resume or edit a subscription costs the same whatever it wants.
	if fresh != digest || inRecord {
		old, err := tx.oldTopics(r.Org, sub, current)
		if err == nil {
			err = tx.keepTopics(r.Org, sub, old, r.Topics, fresh)
		}
		if err != nil {
			return 0, err
		}
	}
	forgives := active && !wasActive || !sameURL
	if _, err := tx.exec(sqlReplace, version, active, text, !forgives, 0, sub); err != nil {
		return 0, err
	}
	return version, tx.setActive(sub, wasActive, active)
}

// setActive opens or closes the lane; what waits in it stays where it is, however much that is.
func (tx *transaction) setActive(sub int64, was, is bool) (err error) {
	switch {
	case is && !was:
		err = tx.openLanes([]lane{{sub, false}})
	case was && !is:
		_, err = tx.exec(sqlCloseLane, sub, false)
	}
	return err
}

// DeleteSubscription implements [driver.Directory]. Its cost does not depend on what waits: that reads as cancelled from
// now on, and Purge writes it down.
func (s *Store) DeleteSubscription(ctx context.Context, org, id string) error {
	return s.write(ctx, "delete subscription", func(tx *transaction) error {
		var sub, version int64
		known, err := tx.row(sqlOnly, []any{org, id}, &sub, &version)
		if err != nil {
			return err
		}
		if !known {
			return fmt.Errorf("no subscription %q in org %q: %w", id, org, driver.ErrNotFound)
		}
		topics, err := tx.oldTopics(org, sub, version)
		if err == nil {
			err = tx.setTopics(org, sub, topics, nil)
		}
		if err == nil {
			_, err = tx.exec(sqlForgetTopics, sub)
		}
		if err != nil {
			return err
		}
		for _, test := range [...]bool{false, true} {
			if _, err := tx.exec(sqlCloseLane, sub, test); err != nil {
				return err
			}
		}
		_, err = tx.exec(sqlDelete, tx.now, sub)
		return err
	})
}
