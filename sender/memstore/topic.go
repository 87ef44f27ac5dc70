package memstore

import "slices"

// topics leads from a topic to the subscriptions of one org that have it.
type topics map[string][]*subscription

func (t topics) add(u *subscription) {
	for _, topic := range u.topics {
		t[topic] = append(t[topic], u)
	}
}

func (t topics) remove(u *subscription) {
	for _, topic := range u.topics {
		subs := t[topic]
		if i := slices.Index(subs, u); len(subs) > 1 {
			t[topic] = slices.Delete(subs, i, i+1)
		} else {
			delete(t, topic)
		}
	}
}

// match calls yield once for each subscription that has one of the topics.
func (s *Store) match(o *org, topics []string, yield func(*subscription)) {
	s.matches++
	for _, topic := range topics {
		for _, u := range o.topics[topic] {
			if u.matched != s.matches {
				u.matched = s.matches
				yield(u)
			}
		}
	}
}
