package memstore

import (
	"context"
	"slices"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// org is one tenant. Everything that a method must not show to another one hangs below it.
type org struct {
	subscriptions map[string]*subscription
	topics        map[string][]*subscription // who has a topic
	events        map[string]*event
	orphans       []*event    // those that have no delivery
	log           []*delivery // all deliveries, by number
	dead          int         // of them
	minutes       minutes
}

// org returns the tenant. One that has nothing goes with the next Purge.
func (s *Store) org(name string) *org {
	if s.orgs[name] == nil {
		s.orgs[name] = &org{
			subscriptions: map[string]*subscription{},
			topics:        map[string][]*subscription{},
			events:        map[string]*event{},
		}
	}
	return s.orgs[name]
}

// setTopics makes u found by these topics, and by no others.
func (o *org) setTopics(u *subscription, topics []string) {
	for _, topic := range u.topics {
		left := slices.DeleteFunc(o.topics[topic], func(other *subscription) bool { return other == u })
		if o.topics[topic] = left; len(left) == 0 {
			delete(o.topics, topic)
		}
	}
	u.topics = topics
	for _, topic := range topics {
		o.topics[topic] = append(o.topics[topic], u)
	}
}

// match returns the subscriptions that have one of the topics, each once.
func (o *org) match(topics []string) (matched []*subscription) {
	seen := map[*subscription]bool{}
	for _, topic := range topics {
		for _, u := range o.topics[topic] {
			if !seen[u] {
				seen[u] = true
				matched = append(matched, u)
			}
		}
	}
	return matched
}

// Counts implements [driver.Counter]. Deliveries in flight are left out.
func (s *Store) Counts(ctx context.Context, org string) (driver.Counts, error) {
	if _, err := s.begin(ctx, "counts"); err != nil {
		return driver.Counts{}, err
	}
	defer s.end()
	c := driver.Counts{Dead: s.org(org).dead}
	for _, u := range s.org(org).subscriptions {
		c.Due += len(u.tests)
		if u.active() {
			c.Due += len(u.due)
			c.Waiting += len(u.waiting)
		} else {
			c.Held += len(u.due) + len(u.waiting)
		}
	}
	return c, nil
}
