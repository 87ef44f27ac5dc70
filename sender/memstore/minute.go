package memstore

import (
	"context"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const minutesKept = 24 * time.Hour

// minutes are the counts of each minute that had an attempt, oldest first. They reach back 24 hours.
type minutes []driver.Minute

func (m *minutes) add(now time.Time, delivered bool, took time.Duration) {
	minute := now.Truncate(time.Minute)
	if n := len(*m); n == 0 || (*m)[n-1].At.Before(minute) {
		*m = append(m.since(minute.Add(time.Minute-minutesKept)), driver.Minute{At: minute})
	}
	last := &(*m)[len(*m)-1]
	if delivered {
		last.Delivered++
	} else {
		last.Failed++
	}
	last.Durations[last.Bucket(took)]++
}

// since returns those that are no older than the minute given.
func (m minutes) since(minute time.Time) minutes {
	i, _ := slices.BinarySearchFunc(m, minute, func(one driver.Minute, at time.Time) int { return one.At.Compare(at) })
	return m[i:]
}

// Minutes implements [driver.Log]. The counts reach back 24 hours at most.
func (s *Store) Minutes(ctx context.Context, org, sub string, back time.Duration) ([]driver.Minute, error) {
	now, err := s.begin(ctx, "minutes")
	if err != nil {
		return nil, err
	}
	defer s.end()
	kept := s.org(org).minutes
	if sub != "" {
		u := s.org(org).subscriptions[sub]
		if u == nil {
			return nil, notFound("subscription", org, sub)
		}
		kept = u.minutes
	}
	back = min(max(0, back), minutesKept)
	return slices.Clone(kept.since(now.Add(-back).Truncate(time.Minute))), nil
}
