package sqlitestore

// maxRounds is how many times one claim looks for lanes.
const maxRounds = 4

// serve goes round the lanes until the limit is reached or each was looked into; more reports that it ended before
// either. Lanes that turn out to be empty, all of a page perhaps, must not hide what is ready behind them.
func (l *leaser) serve() (more bool, err error) {
	walk := l.tx.newRound()
	for range maxRounds {
		lanes, err := l.candidates(walk)
		for len(lanes) > 0 && err == nil {
			lanes, err = l.serveOnce(lanes)
		}
		if err != nil || walk.done || l.free == 0 {
			return false, err
		}
	}
	return true, nil
}

// candidates gives the next lanes from which something may be taken, as many as may be taken in all, so that each is
// given one at least. It leaves the cursor at the last.
func (l *leaser) candidates(walk *round) (lanes []servedLane, err error) {
	limit := l.free
	page := min(max(limit, 16), 256)
	for !walk.done && len(lanes) < limit {
		next, err := walk.page(page)
		if err != nil {
			return nil, err
		}
		for _, x := range next {
			if len(lanes) == limit {
				return lanes, nil
			}
			walk.after = x.lane
			if l.left(x.sub) > 0 {
				lanes = append(lanes, x)
				l.tx.store.cursor = x.lane
			}
		}
		if len(next) < page {
			walk.wrap()
		}
	}
	return lanes, nil
}

// serveOnce gives each lane its share of what is left, and returns those that may have more. Those that had less are
// closed, and what they might have taken of their subscription goes to its other lane the next time.
func (l *leaser) serveOnce(lanes []servedLane) (rest []servedLane, err error) {
	share := max(1, l.free/len(lanes))
	byWant := map[int][]servedLane{} // what is asked for alike is asked for together
	var skipped []servedLane
	for _, x := range lanes {
		want := min(share, l.left(x.sub))
		if want == 0 {
			skipped = append(skipped, x)
			continue
		}
		l.spend(x.sub, want)
		byWant[want] = append(byWant[want], x)
	}
	for want, some := range byWant {
		taken, err := l.take(some, want)
		if err != nil {
			return nil, err
		}
		for _, x := range some {
			if taken[x.lane] == want {
				rest = append(rest, x)
				continue
			}
			l.spend(x.sub, taken[x.lane]-want)
			if err := l.tx.closeLane(x.lane); err != nil {
				return nil, err
			}
		}
	}
	for _, x := range skipped {
		if l.left(x.sub) > 0 {
			rest = append(rest, x)
		}
	}
	return rest, nil
}
