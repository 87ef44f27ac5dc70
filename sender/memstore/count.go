package memstore

import (
	"context"

	"github.com/kirimhooks/kirimhooks/sender"
)

// Counts implements [sender.Counter]. A delivery in flight counts as due, or as held where its subscription is not
// active.
func (s *Store) Counts(ctx context.Context, org string) (sender.Counts, error) {
	if _, err := s.begin(ctx, "counts"); err != nil {
		return sender.Counts{}, err
	}
	defer s.end()
	o := s.org(org)
	c := sender.Counts{Dead: o.dead}
	for _, u := range o.subscriptions {
		l := &u.lane
		c.Due += len(l.tests)
		if u.active() {
			c.Due += len(l.due) + l.inFlight
			c.Waiting += len(l.waiting)
		} else {
			c.Held += len(l.due) + l.inFlight + len(l.waiting)
		}
	}
	return c, nil
}
