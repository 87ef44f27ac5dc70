package sender

import (
	"math"
	"time"
)

// pace holds a lane to so many attempts a second, and to one second's worth at once. The zero pace holds nothing up.
type pace struct {
	rate   float64 // attempts a second; 0: no limit
	tokens float64 // attempts that may begin; below 0 where two claims at once have taken more
	at     time.Time
}

// set makes rate the limit from now on.
func (p *pace) set(rate float64, now time.Time) {
	if p.rate == 0 {
		p.tokens, p.at = math.Max(1, rate), now
	}
	p.fill(now)
	p.rate = rate
}

func (p *pace) fill(now time.Time) {
	p.tokens = math.Min(math.Max(1, p.rate), p.tokens+p.rate*now.Sub(p.at).Seconds())
	p.at = now
}

// room is how many attempts may begin.
func (p *pace) room(now time.Time) int {
	if p.rate == 0 {
		return math.MaxInt
	}
	p.fill(now)
	return max(0, int(p.tokens))
}

// wait is how long it is until another may.
func (p *pace) wait(now time.Time) time.Duration {
	if p.room(now) > 0 {
		return 0
	}
	return time.Duration(math.Ceil((1 - p.tokens) / p.rate * float64(time.Second)))
}

// rested reports that forgetting the pace makes no difference.
func (p *pace) rested(now time.Time) bool {
	return p.rate == 0 || p.room(now) >= int(math.Max(1, p.rate))
}
