package memstore

import (
	"context"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const minutesKept = 24 * 60

// minutes are the counts of each minute that had an attempt, oldest first. They reach back 24 hours.
type minutes []minute

type minute struct {
	unix              int64 // minutes since 1970
	delivered, failed uint32
	durations         [len(driver.Minute{}.Durations)]uint32
}

func (m *minutes) add(at time.Time, delivered bool, d time.Duration) {
	unix := at.Unix() / 60
	if n := len(*m); n == 0 || (*m)[n-1].unix < unix {
		old := 0
		for old < n && (*m)[old].unix <= unix-minutesKept {
			old++
		}
		*m = append((*m)[old:], minute{unix: unix})
	}
	last := &(*m)[len(*m)-1]
	if delivered {
		last.delivered++
	} else {
		last.failed++
	}
	last.durations[driver.Minute{}.Bucket(d)]++
}

// Minutes implements [driver.Log]. The counts reach back 24 hours at most.
func (s *Store) Minutes(ctx context.Context, org, sub string, back time.Duration) ([]driver.Minute, error) {
	now, err := s.begin(ctx, "minutes")
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	o := s.org(org)
	m := o.minutes
	if sub != "" {
		u := o.subscriptions[sub]
		if u == nil {
			return nil, notFound("subscription", org, sub)
		}
		m = u.minutes
	}
	since := s.instant(now).Add(-min(max(0, back), minutesKept*time.Minute)).Unix() / 60
	var list []driver.Minute
	for i := range m {
		if m[i].unix < since {
			continue
		}
		shown := driver.Minute{
			At:        time.Unix(m[i].unix*60, 0).UTC(),
			Delivered: int(m[i].delivered), Failed: int(m[i].failed),
		}
		for b, n := range m[i].durations {
			shown.Durations[b] = int(n)
		}
		list = append(list, shown)
	}
	return list, nil
}
