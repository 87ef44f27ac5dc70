package pgstore

import "sync"

// round is where a process stands on its way round the lanes. Without a moving cursor claims would be unfair.
type round struct {
	mu      sync.Mutex
	cursor  int64
	barren  bool  // a round is on that gave nothing yet
	started int64 // where
}

func (r *round) at() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cursor
}

// move takes the cursor from one place to another after a scan. If the scan was cut short it reports whether another
// should follow at once. Scans that gave nothing follow each other for one round only: a process whose every lane is
// held or over quota would ask for ever.
func (r *round) move(from, to int64, short, gave bool) (again bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if to != 0 {
		r.cursor = to
	}
	switch {
	case !short || gave:
		r.barren = false
		return short
	case !r.barren:
		r.barren, r.started = true, from
		return true
	}
	passed := from < r.started && r.started <= to
	if from >= to { // over the end
		passed = from < r.started || r.started <= to
	}
	r.barren = !passed
	return r.barren
}
