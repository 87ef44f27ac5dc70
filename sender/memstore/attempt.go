package memstore

import (
	"context"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// attempt is one line of a delivery's log.
type attempt struct {
	driver.Attempt
	token uint64 // whose it was; 0 where a lapsed lease left it
}

func (d *delivery) log(a driver.Attempt, token uint64, now time.Time) {
	a.Duration = max(0, a.Duration)
	a.At = now.Add(-a.Duration)
	a.ErrorClass, a.Response = legible(a.ErrorClass), legible(a.Response)
	d.attempts = append(d.attempts, attempt{a, token})
}

// logged reports whether the attempt made under this token stands in the log: a stale outcome told twice is told once.
func (d *delivery) logged(token uint64) bool {
	return slices.ContainsFunc(d.attempts, func(a attempt) bool { return a.token == token })
}

// lapse writes down that the holder of a lease was not heard of in time.
func (d *delivery) lapse(now time.Time) {
	d.lapses++
	d.log(driver.Attempt{N: d.attempt + 1, ErrorClass: driver.ClassUnknown, Test: d.isTest}, 0, now)
}

// Attempts implements [driver.Log].
func (s *Store) Attempts(ctx context.Context, org, deliveryID string) (list []driver.Attempt, err error) {
	if _, err := s.begin(ctx, "attempts"); err != nil {
		return nil, err
	}
	defer s.end()
	d := s.find(org, deliveryID)
	if d == nil {
		return nil, notFound("delivery", org, deliveryID)
	}
	for _, a := range d.attempts {
		list = append(list, a.Attempt)
	}
	return list, nil
}
