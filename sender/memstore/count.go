package memstore

import (
	"context"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Counts implements [driver.Counter]. A delivery in flight counts as due, or as held where its subscription is not
// active.
func (s *Store) Counts(ctx context.Context, org string) (driver.Counts, error) {
	if _, err := s.begin(ctx, "counts"); err != nil {
		return driver.Counts{}, err
	}
	defer s.mu.Unlock()
	o := s.org(org)
	c := driver.Counts{Dead: o.dead}
	for _, u := range o.subscriptions {
		c.Due += u.tests.n
		if u.active() {
			c.Due += u.ready.n + u.flying.n
			c.Waiting += u.waiting.n
		} else {
			c.Held += u.ready.n + u.flying.n + u.waiting.n
		}
	}
	return c, nil
}
