package dedupe

import (
	"math"
	"time"
)

// hold is a key of a Memory while a Guard runs its function. The two live and die together, so that a hold needs no token
// and no lease that somebody renews, and it is finished by its slot, without looking for it.
type hold struct {
	*Memory
	key  hash
	slot index // none until the key is taken
}

func (h *hold) take() (s State, left time.Duration, err error) {
	h.slot, s, left, err = h.claim(h.key, ofGuard, math.MaxInt64)
	return s, left, err
}

func (h *hold) finish(done bool, ttl time.Duration) {
	if h.slot == none {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if done {
		h.put(h.slot, true, h.key, ofGuard, time.Since(h.start), ttl)
	} else {
		h.drop(h.slot)
	}
}
