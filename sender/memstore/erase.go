package memstore

import "context"

// Erase implements [driver.Log].
func (s *Store) Erase(ctx context.Context, name string, limit int) (rows int, err error) {
	now, err := s.begin(ctx, "erase")
	if err != nil {
		return 0, err
	}
	defer s.end()
	o := s.org(name)
	for _, u := range o.subscriptions {
		if rows >= limit {
			return rows, nil
		}
		s.remove(u, now)
		rows++
	}
	for ; len(o.log) > 0 && rows < limit; rows++ {
		last := len(o.log) - 1
		d := o.log[last]
		s.move(d, nil, now) // its holder, if it is in flight, comes too late
		s.forget(d)
		o.log[last], o.log = nil, o.log[:last]
	}
	for id, e := range o.events {
		if len(e.deliveries) > 0 || rows >= limit {
			return rows, nil
		}
		delete(o.events, id)
		rows++
	}
	delete(s.orgs, name) // its counts go with it
	return rows, nil
}
