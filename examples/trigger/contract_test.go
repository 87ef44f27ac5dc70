package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
)

func TestSchedule(t *testing.T) {
	const a, b = time.Minute, time.Hour
	for name, c := range map[string]struct {
		waits    []time.Duration
		attempts int
		want     []time.Duration
	}{
		"neither":       {nil, 0, nil},
		"list alone":    {[]time.Duration{a, b}, 0, []time.Duration{a, b}},
		"capped":        {[]time.Duration{a, b}, 2, []time.Duration{a}},
		"capped to one": {[]time.Duration{a, b}, 1, nil},
		"repeated":      {[]time.Duration{a, b}, 5, []time.Duration{a, b, b, b}},
		"attempts only": {nil, 3, []time.Duration{time.Second, time.Second}},
		"no wait":       {[]time.Duration{0}, 0, []time.Duration{0}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []time.Duration
			var s sender.Schedule = schedule{c.waits, c.attempts}
			for n := 1; ; n++ {
				wait, more := s.Wait(n)
				if !more {
					break
				}
				got = append(got, wait)
			}
			require.Equal(t, c.want, got)
		})
	}
}

// The waits are those that were asked for, not spread.
func TestNoJitter(t *testing.T) {
	e := newEndpoint(t, 500, 500, 200)
	code, _, stderr := fire(t, "-url", e.URL, "-secret", newSecret, "-schedule", "40ms,80ms")
	require.Zero(t, code, stderr)
	require.GreaterOrEqual(t, e.got()[1].at.Sub(e.got()[0].at), 40*time.Millisecond)
	require.GreaterOrEqual(t, e.got()[2].at.Sub(e.got()[1].at), 80*time.Millisecond)
	require.Negative(t, newContract(options{dialect: kirimDialect}).Jitter)
}
