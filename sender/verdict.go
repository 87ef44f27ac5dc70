package sender

import (
	"math"
	"math/rand/v2"
	"net/http"
	"time"
)

// retryAfterCap is how far above the schedule an endpoint may push its next attempt.
const retryAfterCap = time.Hour

// next turns a result into the delivery's next state: a pure function but for the jitter.
func (c *Contract) next(d *Delivery, r Result) (v Verdict, state State, after time.Duration) {
	v = c.Classify(r)
	switch v.Judgement {
	case Delivered:
		return v, StateDelivered, 0
	case Retry:
		if d.Test {
			return v, StateDead, 0
		}
		wait, more := c.Schedule.Wait(r.Attempt)
		if !more || r.Attempt > maxWaits { // a schedule may be no pure function, and yet a delivery ends
			v.Reason = "exhausted: " + v.Reason
			return v, StateDead, 0
		}
		return v, StatePending, c.wait(wait, v.RetryAfter)
	default:
		return v, StateDead, 0
	}
}

// wait spreads the schedule's wait and lets the endpoint lengthen it, never shorten it.
func (c *Contract) wait(scheduled, retryAfter time.Duration) time.Duration {
	wait := scheduled
	if c.Jitter > 0 {
		wait = plus(wait, time.Duration((2*rand.Float64()-1)*c.Jitter*float64(scheduled)))
	}
	return max(0, wait, min(retryAfter, plus(scheduled, retryAfterCap)))
}

// plus is a+b, at the most a Duration can be if that is past it: a wait that wraps is none. a is not negative.
func plus(a, b time.Duration) time.Duration {
	if b > math.MaxInt64-a {
		return math.MaxInt64
	}
	return a + b
}

// parseRetryAfter reads both forms of the header (RFC 9110, 10.2.3); what is neither, or past, is 0.
func parseRetryAfter(value string, now time.Time) time.Duration {
	if value == "" {
		return 0
	}
	if value[0] >= '0' && value[0] <= '9' {
		seconds := 0
		for _, c := range []byte(value) {
			if c < '0' || c > '9' {
				return 0
			}
			seconds = min(seconds*10+int(c-'0'), int(100*24*time.Hour/time.Second))
		}
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return max(0, at.Sub(now))
}
