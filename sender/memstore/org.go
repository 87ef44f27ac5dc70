package memstore

import "slices"

// org is one tenant. Everything that a method must not show to another one hangs below it.
type org struct {
	name          string
	subscriptions map[string]*subscription
	topics        map[string][]*subscription // who has a topic, in the order in which they took it
	events        map[string]*event
	log           history // all its deliveries
	dead          int     // of them
	minutes       minutes
}

// org returns the tenant. One that is not known is empty, and stays unknown until something is put into it: see keep.
func (s *Store) org(name string) *org {
	if o := s.orgs[name]; o != nil {
		return o
	}
	return &org{
		name:          name,
		subscriptions: map[string]*subscription{},
		topics:        map[string][]*subscription{},
		events:        map[string]*event{},
	}
}

// keep remembers an org for as long as it has subscriptions or events.
func (s *Store) keep(o *org) {
	if len(o.subscriptions) > 0 || len(o.events) > 0 {
		s.orgs[o.name] = o
	} else {
		delete(s.orgs, o.name)
	}
}

// setTopics makes u found by these topics, and by no others.
func (o *org) setTopics(u *subscription, topics []string) {
	for _, topic := range u.topics {
		left := slices.DeleteFunc(o.topics[topic], func(other *subscription) bool { return other == u })
		if o.topics[topic] = left; len(left) == 0 {
			delete(o.topics, topic)
		}
	}
	u.topics = slices.Compact(slices.Sorted(slices.Values(topics)))
	for _, topic := range u.topics {
		o.topics[topic] = append(o.topics[topic], u)
	}
}

// match returns the subscriptions that have one of the topics, each once.
func (o *org) match(topics []string) []*subscription {
	var matched []*subscription
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
