package sender

import "time"

// regulars are callers of Publish who call again as soon as they are answered. A group that waits a moment until they are
// back is larger, and the next one does not find half of them still waiting for this one. Whether there are any shows only when
// somebody waits for them: each time in vain makes the next try rarer.
type regulars struct {
	expected int           // who was answered by the last group, and who came meanwhile
	took     time.Duration // the last group's call of the store
	vain     int           // tries in a row
	pass     int           // groups until the next try
}

const (
	maxWait   = 500 * time.Microsecond // for regulars
	maxYields = 3000                   // instead of a timer, which would be late by a millisecond
	maxVain   = 6                      // one try in 64 groups
)

// answered notes a group.
func (r *regulars) answered(expected int, took time.Duration) {
	r.expected, r.took = min(expected, worthwhile), took
}

// patience is how long the leader of so many callers should wait for more. A store that is fast is worth no wait.
func (r *regulars) patience(callers int) time.Duration {
	switch {
	case callers >= r.expected:
		return 0
	case r.pass > 0:
		r.pass--
		return 0
	}
	return min(maxWait, r.took/2)
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
