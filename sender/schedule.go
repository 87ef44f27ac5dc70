package sender

import (
	"time"

	"github.com/cenkalti/backoff/v4"
)

// Schedule gives the wait after the n-th attempt, from 1; false: no more attempts. It must be a pure function of n,
// since a delivery's attempts may be days and processes apart.
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
	return Waits{10 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour}
}

// FromBackOff makes a [Schedule] of a backoff policy: the n-th wait is what a fresh policy says when asked for the
// n-th time, and backoff.Stop ends in a dead letter. Bound the attempts with backoff.WithMaxRetries, and switch a limit on
// elapsed time off, as backoff.WithMaxElapsedTime(0) does: no policy lives as long as a delivery, so that such a limit, 15
// minutes by default, stops at the first wait that is longer and bounds nothing else.
func FromBackOff(policy func() backoff.BackOff) Schedule { return backOffSchedule(policy) }

type backOffSchedule func() backoff.BackOff

func (policy backOffSchedule) Wait(n int) (time.Duration, bool) {
	if n < 1 {
		return 0, false
	}
	b := policy()
	b.Reset()
	var wait time.Duration
	for range n {
		if wait = b.NextBackOff(); wait == backoff.Stop {
			return 0, false
		}
	}
	return wait, true
}
