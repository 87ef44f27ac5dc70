package sqlitestore

import "sync"

// wakeup wakes those who wait for work.
type wakeup struct {
	mu      sync.Mutex
	rung    chan struct{} // closed when it rings; then there is a new one
	unheard bool          // it rang, and nobody has woken since
	next    int64         // the moment that the last claim foresaw
	seen    seen          // what the last claim, or the last wake-up, had seen
}

func (w *wakeup) ring() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ringLocked()
}

func (w *wakeup) ringLocked() {
	w.unheard = true
	close(w.rung)
	w.rung = make(chan struct{})
}

// expect rings if something falls due before what the last claim foresaw.
func (w *wakeup) expect(at int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if at < w.next {
		w.next = at
		w.ringLocked()
	}
}

// heard notes how far a claim has looked.
func (w *wakeup) heard(d due) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next, w.seen = d.next, d.seen
}

// woken takes the ring that nobody heard, or gives the channel on which to hear the next.
func (w *wakeup) woken() (rung chan struct{}, unheard bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	unheard, w.unheard = w.unheard, false
	return w.rung, unheard
}

// moved reports that something was stored since anybody looked.
func (w *wakeup) moved(to seen) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	moved := w.seen != to
	w.seen = to
	return moved
}
