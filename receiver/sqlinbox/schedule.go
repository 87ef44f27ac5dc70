package sqlinbox

import (
	"errors"
	"math/rand/v2"
	"time"
)

// maxLapses is how many processes may vanish while they run an event before it is taken for the reason.
const maxLapses = 5

var errCrashes = errors.New("sqlinbox: its process vanished each time it ran")

// wait returns how long after a failure the event runs again, or that it does not.
func (b *Inbox) wait(c *claim, took time.Duration, failure error) (wait time.Duration, again bool) {
	permanent, atLeast := answerTo(failure)
	if permanent || c.failures >= len(b.cfg.Waits) {
		return 0, false
	}
	wait = max(jitter(b.cfg.Waits[c.failures]), min(atLeast, longestWait))
	if c.lane == "" || b.cfg.SkipAfter == 0 {
		return wait, true
	}
	left := b.cfg.SkipAfter - c.blocking - took
	return min(wait, left), left > 0
}

// jitter stretches d by up to a fifth, so that what failed together does not come again together.
func jitter(d time.Duration) time.Duration { return d + rand.N(d/5+1) }
