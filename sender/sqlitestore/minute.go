package sqlitestore

import (
	"context"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// minutesKept is how far the counts reach back; Purge forgets older ones.
const minutesKept = 24 * time.Hour

// tally adds the attempts of a batch up, so that each count is written once.
type tally map[minuteKey]minuteCount

type minuteKey struct {
	sub, minute int64
	bucket      int
}

type minuteCount struct{ delivered, failed int }

func (t tally) add(sub, now int64, delivered bool, d time.Duration) {
	key := minuteKey{sub, now / int64(time.Minute), driver.Minute{}.Bucket(d)}
	n := t[key]
	if delivered {
		n.delivered++
	} else {
		n.failed++
	}
	t[key] = n
}

const (
	sqlCountMinutes = `
INSERT INTO kirimhooks_minutes (sub, minute, bucket, delivered, failed) SELECT value, ?, ?, ?, ? FROM json_each(?) WHERE true
ON CONFLICT DO UPDATE SET delivered = delivered + excluded.delivered, failed = failed + excluded.failed`

	sqlMinutesOfSub = `
SELECT minute, bucket, delivered, failed FROM kirimhooks_minutes
WHERE sub = (SELECT sub FROM kirimhooks_subscriptions INDEXED BY kirimhooks_subscriptions_id WHERE org = ? AND id = ? AND gone = 0) AND minute >= ?
ORDER BY minute`

	sqlMinutesOfOrg = `
SELECT m.minute, m.bucket, sum(m.delivered), sum(m.failed) FROM kirimhooks_minutes m
WHERE m.sub IN (
	SELECT sub FROM kirimhooks_subscriptions INDEXED BY kirimhooks_subscriptions_id WHERE org = ?1 AND gone = 0 UNION ALL
	SELECT sub FROM kirimhooks_subscriptions INDEXED BY kirimhooks_subscriptions_gone WHERE org = ?1 AND gone > 0) AND m.minute >= ?2
GROUP BY m.minute, m.bucket ORDER BY m.minute`
)

// countMinutes writes equal counts of many subscriptions together.
func (tx *transaction) countMinutes(t tally) error {
	type row struct {
		minute int64
		bucket int
		minuteCount
	}
	var rows groups[row, numbers]
	for key, n := range t {
		rows.at(row{key.minute, key.bucket, n}).add(key.sub)
	}
	for _, r := range rows.keys {
		if _, err := tx.exec(sqlCountMinutes, r.minute, r.bucket, r.delivered, r.failed, rows.of[r].text()); err != nil {
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
		text, args = sqlMinutesOfSub, []any{org, sub, since}
		found := false
		err := s.read(ctx, sqlOnly, []any{org, sub}, func(scanner) error { found = true; return nil })
		if err == nil && !found {
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
