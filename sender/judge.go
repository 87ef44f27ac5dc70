package sender

import (
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// retryAfterCap is how far above the schedule an endpoint may push its next attempt.
const retryAfterCap = time.Hour

// judge turns a result into the delivery's next state: a pure function but for the jitter.
func (c *Contract) judge(d *Delivery, r Result) (v Verdict, state State, after time.Duration) {
	v = c.Classify(r)
	switch v.Outcome {
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

// classifyStatus takes any 2xx for success, and repeats what may pass: 408, 429, 3xx, 5xx and no answer. Retry-After counts
// on every answer that is retried: an overloaded endpoint says 503 as often as 429.
func classifyStatus(r Result) Verdict {
	switch c := r.StatusCode; {
	case c >= 200 && c < 300:
		return Verdict{Outcome: Delivered}
	case c >= 400 && c < 500 && c != http.StatusRequestTimeout && c != http.StatusTooManyRequests:
		return Verdict{Outcome: Dead, Reason: resultText(r)}
	default:
		return Verdict{Outcome: Retry, RetryAfter: r.RetryAfter, Reason: resultText(r)}
	}
}

func resultText(r Result) string {
	if r.StatusCode == 0 {
		return r.ErrorClass
	}
	return "status " + strconv.Itoa(r.StatusCode)
}

// classifyStandard is the contract that the Standard Webhooks specification asks for
// (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md): 410 means that the
// endpoint wants no more.
func classifyStandard(r Result) Verdict {
	if r.StatusCode == http.StatusGone {
		return Verdict{Outcome: DeadAndDisable, Reason: resultText(r)}
	}
	return classifyStatus(r)
}

func standardSchedule() Schedule {
	return Waits{
		5 * time.Second, 5 * time.Minute, 30 * time.Minute,
		2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
	}
}
