package sender_test

import (
	"fmt"
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// scheduled is Kirim's contract under a schedule.
func scheduled(s sender.Schedule) sender.Config {
	contract := sender.Kirim()
	contract.Schedule = s
	return sender.Config{Contracts: []sender.Contract{contract}}
}

// waitsOf is a schedule that says the same wait so many times.
type waitsOf struct {
	n    int
	wait time.Duration
}

func (w waitsOf) Wait(n int) (time.Duration, bool) { return w.wait, n <= w.n }

// policy is a backoff policy of the host's own: no package is needed for one.
type policy struct {
	left int
	wait time.Duration
}

func (p *policy) Reset() {}
func (p *policy) NextBackOff() time.Duration {
	if p.left--; p.left < 0 {
		return -1
	}
	return p.wait
}

func policies(n int, wait time.Duration) sender.Schedule {
	return sender.FromBackOff(func() *policy { return &policy{n, wait} })
}

// A schedule without end, or one that would repeat at once, is refused where it is given.
func TestScheduleRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		schedule sender.Schedule
		want     string // "": it is taken
	}{
		"once":                      {sender.Once, ""},
		"no waits":                  {sender.Waits{}, ""},
		"1,000 waits":               {waitsOf{1000, time.Second}, ""},
		"1,001 waits":               {waitsOf{1001, time.Second}, "more than 1000 waits"},
		"a wait of zero":            {sender.Waits{time.Second, 0}, "wait 2 is 0s"},
		"a negative wait":           {sender.Waits{-time.Second}, "wait 1 is -1s"},
		"a policy":                  {policies(1000, time.Second), ""},
		"a policy that never stops": {policies(1001, time.Second), "more than 1000 waits"},
		"a policy that waits zero":  {policies(3, 0), "wait 1 is 0s"},
		"backoff.ZeroBackOff": {sender.FromBackOff(func() *backoff.ZeroBackOff { return &backoff.ZeroBackOff{} }),
			"wait 1 is 0s"},
		"an exponential policy":  {sender.FromBackOff(func() *backoff.ExponentialBackOff { return backoff.NewExponentialBackOff() }), "more than 1000"},
		"backoff.StopBackOff":    {sender.FromBackOff(func() backoff.BackOff { return &backoff.StopBackOff{} }), ""},
		"a schedule that panics": {sender.FromBackOff(func() *policy { panic("no") }), "it panicked"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := sender.New(memstore.New(), scheduled(tt.schedule))
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, "sender: Config.Contracts[0]: Schedule: ")
			require.ErrorContains(t, err, tt.want)
		})
	}
}

// Whatever contract delivers to an endpoint that never answers well: the delivery ends, with one attempt more than
// there are waits.
func TestEveryScheduleEnds(t *testing.T) {
	under := func(s sender.Schedule) sender.Contract { return scheduled(s).Contracts[0] }
	ofNone := sender.Kirim()
	ofNone.Schedule = nil // the default
	for name, tt := range map[string]struct {
		contract sender.Contract
		attempts int
	}{
		"Kirim":               {sender.Kirim(), 9},
		"KirimPublishedTable": {under(sender.KirimPublishedTable()), 8},
		"Standard":            {sender.Standard(), 10},
		"Kirisan":             {sender.Kirisan(), 1},
		"the default":         {ofNone, 10},
		"Once":                {under(sender.Once), 1},
		"as long as can be":   {under(waitsOf{1000, time.Minute}), 1001},
		"FromBackOff": {under(sender.FromBackOff(func() backoff.BackOff {
			return backoff.WithMaxRetries(backoff.NewExponentialBackOff(backoff.WithMaxElapsedTime(0)), 20)
		})), 21},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				c := tt.contract
				c.Sources, c.Identify, c.Events, c.Endpoint.Devices, c.Endpoint.PendingTest = acme().Sources, nil, nil, false, false
				r := newRig(t, statuses(500), sender.Config{Contracts: []sender.Contract{c}})
				r.subscribe(t, "https://example.com/", "*")
				r.publish(t, envelope.Event{Source: "acme", Type: "a", Body: []byte("1")})
				time.Sleep(7 * 24 * time.Hour)
				require.Equal(t, sender.StateDead, r.only(t).State)
				require.Len(t, r.far.requests(), tt.attempts)
			})
		})
	}
}

// A schedule that says one thing to New and another later ends all the same.
func TestScheduleThatNeverStopsEnds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := &waitsOf{3, time.Second}
		r := newRig(t, statuses(500), scheduled(s))
		s.n = 1 << 30
		r.subscribe(t, "https://example.com/", "*")
		r.publish(t, contactCreated(t))
		time.Sleep(time.Hour)
		require.Equal(t, sender.StateDead, r.only(t).State)
		require.Len(t, r.far.requests(), 1001)
	})
}

// A wait that no clock will see the end of is long, and never none: neither jitter nor Retry-After makes it wrap.
func TestWaitsNearTheEndOfTimeDoNotWrap(t *testing.T) {
	for _, wait := range []time.Duration{math.MaxInt64, math.MaxInt64 - 1, math.MaxInt64 / 10 * 9} {
		bubble(t, func(t *testing.T) {
			r := newRig(t, &farEnd{answer: func(int, *http.Request) (*http.Response, error) {
				resp := reply(503)
				resp.Header.Set("Retry-After", "9999999999")
				return resp, nil
			}}, scheduled(sender.Waits{wait, wait}))
			for i := range 20 { // half of them have their wait lengthened
				r.subscribe(t, fmt.Sprint("https://example.com/", i), "*")
			}
			r.publish(t, contactCreated(t))
			time.Sleep(30 * 24 * time.Hour)
			require.Equal(t, 20, len(r.far.requests()))
		})
	}
}
