package sqlitestore

import (
	"context"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// minutesKept is how far the counts reach back; Purge forgets older ones.
const minutesKept = 24 * time.Hour

// minuteCounts adds the attempts of a batch up, so that each count is written once.
type minuteCounts map[minuteKey]*minuteCount

type minuteKey struct {
	subscription, minute int64
	bucket               int
}

type minuteCount struct{ delivered, failed int }

func (c minuteCounts) add(subscription, now int64, delivered bool, took time.Duration) {
	key := minuteKey{subscription, now / int64(time.Minute), driver.Minute{}.Bucket(took)}
	n := c[key]
	if n == nil {
		n = &minuteCount{}
		c[key] = n
	}
	if delivered {
		n.delivered++
	} else {
		n.failed++
	}
}

const (
	sqlCountMinutes = `
INSERT INTO kirimhooks_minutes (subscription, minute, bucket, delivered, failed)
SELECT value, ?, ?, ?, ? FROM json_each(?) WHERE true
ON CONFLICT (subscription, minute, bucket) DO UPDATE
SET delivered = delivered + excluded.delivered, failed = failed + excluded.failed`

	sqlMinutesOfSubscription = `
SELECT minute, bucket, delivered, failed FROM kirimhooks_minutes
WHERE subscription = (` + sqlOnly + `) AND minute >= ? ORDER BY minute`

	sqlMinutesOfOrg = `
SELECT m.minute, m.bucket, sum(m.delivered), sum(m.failed) FROM kirimhooks_minutes m WHERE m.subscription IN (
	SELECT subscription FROM kirimhooks_subscriptions INDEXED BY kirimhooks_subscriptions_id
	WHERE org = ?1 AND deleted_at = 0 UNION ALL
	SELECT subscription FROM kirimhooks_subscriptions INDEXED BY kirimhooks_subscriptions_deleted
	WHERE org = ?1 AND deleted_at > 0) AND m.minute >= ?2
GROUP BY m.minute, m.bucket ORDER BY m.minute`
)

// countMinutes writes equal counts of many subscriptions together.
func (tx *transaction) countMinutes(counts minuteCounts) error {
	type row struct {
		minute int64
		bucket int
		minuteCount
	}
	alike := map[row][]int64{}
	for key, n := range counts {
		r := row{key.minute, key.bucket, *n}
		alike[r] = append(alike[r], key.subscription)
	}
	for r, list := range alike {
		if _, err := tx.exec(sqlCountMinutes, r.minute, r.bucket, r.delivered, r.failed, jsonOf(list)); err != nil {
			return err
		}
	}
	return nil
}

// Minutes implements [driver.Log]. The counts reach back 24 hours at least.
func (s *Store) Minutes(ctx context.Context, org, sub string, back time.Duration) ([]driver.Minute, error) {
	since := before(s.now(), back) / int64(time.Minute)
	text, args := sqlMinutesOfOrg, []any{org, since}
	if sub != "" {
		text, args = sqlMinutesOfSubscription, []any{org, sub, since}
		found, err := s.numbers(ctx, sqlOnly, org, sub)
		if err == nil && len(found) == 0 {
			err = notFound("subscription", org, sub)
		}
		if err != nil {
			return nil, failed("minutes", ctx, err)
		}
	}
	var list []driver.Minute
	err := s.read(ctx, text, args, func(scan scanner) error {
		var minute int64
		var bucket, delivered, lost int
		var m *driver.Minute
		if err := scan(&minute, &bucket, &delivered, &lost); err != nil || bucket < 0 || bucket >= len(m.Durations) {
			_, failed := scanAny(scan, 4)
			return failed // counts that do not decode are left out
		}
		at := instant(minute * int64(time.Minute))
		if len(list) == 0 || !list[len(list)-1].At.Equal(at) {
			list = append(list, driver.Minute{At: at})
		}
		m = &list[len(list)-1]
		m.Delivered += delivered
		m.Failed += lost
		m.Durations[bucket] += delivered + lost
		return nil
	})
	return list, failed("minutes", ctx, err)
}
