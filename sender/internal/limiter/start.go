package limiter

import "time"

// Start takes slots for what a claim of a Reserve brought, and gives back those of the grant that it did not fill. It
// returns the items that may run now. Two claims at once may bring more of a lane than it may have. Done returns the
// rest, one by one.
//
// more says that the claim was cut short. again says that the next one may bring something at once. This one was
// full or cut short, or a lane that gave all it was allowed may have more by now.
func (l *Limiter[T]) Start(g Grant, items []T, more bool) (run []T, again bool) {
	brought := make(map[string]int)
	for _, item := range items {
		brought[item.Lane()]++
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.free += g.Slots - len(items)
	run = l.start(items)
	share, now := l.share(), time.Now()
	full := len(items) == g.Slots
	unseen := full && l.backlogs() <= maxBacklogs // a full claim may have ended before it came to a lane
	again = full || more
	for id, lane := range l.watched {
		allowed := g.Allows(id)
		lane.backlog = brought[id] >= allowed || unseen && lane.backlog
		again = again || lane.backlog && allowed > 0 && lane.spare(share, now) > 0
		l.retire(id, lane)
	}
	l.healthyNext = again && g.PerLane > 0
	return run, again
}

// StartFresh is Start after ReserveFresh.
func (l *Limiter[T]) StartFresh(g Grant, items []T) (run []T) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.free += g.Slots - len(items)
	return l.start(items)
}

func (l *Limiter[T]) start(items []T) (run []T) {
	run = make([]T, 0, len(items))
	for _, item := range items {
		id := item.Lane()
		of := l.lanes[id]
		if of == nil {
			of = &lane[T]{limit: 1}
			l.lanes[id] = of
		}
		if rate := item.Rate(); rate > 0 || of.bucket.rate > 0 {
			of.bucket.take(rate, time.Now())
		}
		if of.inFlight >= of.limit {
			of.parked = append(of.parked, item)
			continue
		}
		if of.inFlight == 0 {
			delete(l.idle, id)
			delete(l.silenced, id)
			l.watched[id] = of
		}
		l.take(of, 1)
		run = append(run, item)
	}
	return run
}

// take counts n slots for a lane, or back if n is negative.
func (l *Limiter[T]) take(of *lane[T], n int) {
	was := of.inFlight > 0
	of.inFlight += n
	if n > 0 && of.standing != healthy {
		of.since = time.Now()
	}
	switch is := of.inFlight > 0; {
	case is && !was:
		l.active++
	case was && !is:
		l.active--
	}
	l.count(of.standing, n)
}

func (l *Limiter[T]) count(s standing, n int) {
	switch s {
	case unproven:
		l.unproven += n
	case failing:
		l.failing += n
	}
}

// Drain returns all items that have not run yet, at shutdown. Done is to be called for each.
func (l *Limiter[T]) Drain() []T {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []T
	for _, of := range l.lanes {
		l.take(of, len(of.parked))
		all = append(all, of.parked...)
		of.parked = nil
	}
	return all
}
