package limiter

import (
	"math"
	"time"
)

// bucket is a token bucket: it fills at a rate and holds one second's worth, at least one token. An attempt takes one.
// The zero bucket limits nothing.
type bucket struct {
	rate   float64   // tokens a second; 0: no limit
	tokens float64   // below 0 where two claims at once have taken more than there were
	at     time.Time // when tokens was counted
}

// take takes a token, at a rate that holds from now on.
func (b *bucket) take(rate float64, now time.Time) {
	if b.rate == 0 {
		b.rate, b.tokens, b.at = rate, math.Max(1, rate), now
	}
	b.fill(now)
	b.rate = rate
	b.tokens--
}

func (b *bucket) fill(now time.Time) {
	b.tokens = math.Min(math.Max(1, b.rate), b.tokens+b.rate*now.Sub(b.at).Seconds())
	b.at = now
}

// available is how many attempts may begin.
func (b *bucket) available(now time.Time) int {
	if b.rate == 0 {
		return math.MaxInt
	}
	b.fill(now)
	return max(0, int(b.tokens))
}

// wait is how long until one may.
func (b *bucket) wait(now time.Time) time.Duration {
	if b.available(now) > 0 {
		return 0
	}
	return time.Duration(math.Ceil((1 - b.tokens) / b.rate * float64(time.Second)))
}

// full reports that forgetting the bucket makes no difference.
func (b *bucket) full(now time.Time) bool {
	return b.rate == 0 || b.available(now) >= int(math.Max(1, b.rate))
}
