package sender

import "time"

// regulars are callers of Publish who call again as soon as they are answered. A group that waits a moment until they are
// back is larger, and the next one does not find half of them still waiting for this one. Whether there are any shows only when
// somebody waits for them: each time in vain makes the next try rarer.
type regulars struct {
	expected int // who was answered by the last group, and who came meanwhile
	vain     int // tries in a row
	pass     int // groups until the next try
}

const (
	maxWait   = 500 * time.Microsecond // for regulars: what a commit takes on a good disk
	maxYields = 3000                   // instead of a timer, which would be late by a millisecond
	maxVain   = 6                      // one try in 64 groups
)

// worth reports whether the leader of a group with so many callers should wait for more.
func (r *regulars) worth(callers int) bool {
	switch {
	case callers >= r.expected:
		return false
	case r.pass > 0:
		r.pass--
		return false
	}
	return true
}

// waited learns from a try.
func (r *regulars) waited(came bool) {
	if came {
		r.vain = 0
		return
	}
	r.vain = min(r.vain+1, maxVain)
	r.pass = 1<<r.vain - 1
}
