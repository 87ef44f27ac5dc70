package main

import (
	"cmp"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

// newContract is the dialect's own contract, changed where a single command differs from a platform.
func newContract(o options) sender.Contract {
	if o.dialect == kirisanDialect {
		c := sender.Kirisan()
		c.Endpoint.PendingTest = false // live at once, without a test before
		c.Events = nil                 // a file may hold a type that no subscription can name yet
		return c
	}
	c := sender.Kirim()
	c.Schedule = o.schedule
	c.Jitter = -1 // the waits that were asked for
	c.Disable = func(sender.Health) bool { return false }
	return c
}

// schedule is a [sender.Schedule] of waits with the last one again and again, up to a number of attempts.
type schedule struct {
	waits    []time.Duration // 1 s if there are none
	attempts int             // 0: one more than waits
}

func (s schedule) Wait(n int) (time.Duration, bool) {
	switch attempts := cmp.Or(s.attempts, len(s.waits)+1); {
	case n >= attempts:
		return 0, false
	case len(s.waits) == 0:
		return time.Second, true
	default:
		return s.waits[min(n, len(s.waits))-1], true
	}
}
