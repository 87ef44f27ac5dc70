package sender

import (
	"fmt"
	"time"
)

// Schedule gives the wait after the n-th attempt, from 1; false: no more attempts. It must be a pure function of n,
// since a delivery's attempts may be days and processes apart. Every wait is longer than zero, and 1,000 are the most:
// New refuses a contract whose schedule has others, since a delivery must end.
type Schedule interface {
	Wait(n int) (time.Duration, bool)
}

// Waits is a [Schedule] that lists them: the wait after attempt 1, 2, …
type Waits []time.Duration

// Wait implements [Schedule].
func (w Waits) Wait(n int) (time.Duration, bool) {
	if n < 1 || n > len(w) {
		return 0, false
	}
	return w[n-1], true
}

// Once never retries.
var Once Schedule = Waits(nil)

// KirimSchedule keeps what kirim.dev promises (https://developers.kirim.chat/webhooks/overview): 8 retries over
// roughly 24 hours. Before jitter:
//
//	attempt   wait before it   since the first
//	   1            –                 0
//	   2           10 s              10 s
//	   3           30 s              40 s
//	   4            2 min         2 min 40 s
//	   5           10 min        12 min 40 s
//	   6           30 min        42 min 40 s
//	   7            2 h        2 h 42 min 40 s
//	   8            6 h        8 h 42 min 40 s
//	   9           15 h       23 h 42 min 40 s
func KirimSchedule() Schedule {
	return Waits{
		10 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute,
		2 * time.Hour, 6 * time.Hour, 15 * time.Hour,
	}
}

// KirimPublishedTable is the table that kirim.dev prints (https://developers.kirim.chat/webhooks/retry/): 8 attempts,
// so 7 retries, over 31 hours.
func KirimPublishedTable() Schedule {
	return Waits{10 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour, 6 * time.Hour,
		24 * time.Hour}
}

// BackOff is a backoff policy, as github.com/cenkalti/backoff has it in v4 and v5 alike. A negative wait means: no
// more.
type BackOff interface {
	NextBackOff() time.Duration
	Reset()
}

// FromBackOff makes a [Schedule] of a backoff policy: the n-th wait is what a fresh policy says when asked for the n-th
// time, and backoff.Stop ends in a dead letter. Bound the attempts with backoff.WithMaxRetries: New refuses a policy
// that goes on for ever. Switch a limit on elapsed time off, as backoff.WithMaxElapsedTime(0) does: no policy lives as
// long as a delivery, so that such a limit, 15 minutes by default, stops at the first wait that is longer and bounds
// nothing else.
func FromBackOff[B BackOff](policy func() B) Schedule {
	return backOffSchedule(func() BackOff { return policy() })
}

type backOffSchedule func() BackOff

func (policy backOffSchedule) Wait(n int) (time.Duration, bool) {
	if n < 1 {
		return 0, false
	}
	next := policy.waits()
	for range n - 1 {
		if _, more := next(); !more {
			return 0, false
		}
	}
	return next()
}

// waits gives one wait after another, of one fresh policy.
func (policy backOffSchedule) waits() func() (time.Duration, bool) {
	b := policy()
	b.Reset()
	return func() (time.Duration, bool) {
		wait := b.NextBackOff()
		return max(0, wait), wait >= 0
	}
}

// maxWaits is where a schedule must have ended.
const maxWaits = 1000

// scheduleFault says what is wrong with schedules that never end, or that would repeat an attempt at once; "" if
// nothing is.
func scheduleFault(s Schedule) (fault string) {
	defer func() {
		if p := recover(); p != nil {
			fault = "it panicked"
		}
	}()
	n := 0
	next := func() (time.Duration, bool) { return s.Wait(n) }
	if policy, ok := s.(backOffSchedule); ok {
		next = policy.waits() // to ask a policy for its n-th wait is to ask it n times
	}
	for n = 1; n <= maxWaits+1; n++ {
		switch wait, more := next(); {
		case !more:
			return ""
		case wait <= 0:
			return fmt.Sprintf("wait %d is %v; it must be longer than zero", n, wait)
		}
	}
	return fmt.Sprintf("more than %d waits; a delivery must end", maxWaits)
}
