package receiver_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/dedupe"
	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
)

// An event is recognised for longer than its sender may try, and is not kept for ever: signed anew each time, the same
// event comes at every of the times, and by then it has run so often.
func TestEventsAreRememberedForLongerThanTheirSenderRetries(t *testing.T) {
	const day = 24 * time.Hour
	keyed := receiver.Kirisan(keys(kirisanSecret))
	keyed.Key = func(ev envelope.Event) string { return string(ev.Body) }
	type arrival struct {
		at   time.Duration
		runs int
	}
	for name, test := range map[string]struct {
		ask      func() *http.Request
		arrivals []arrival
	}{
		"meta retries for 7 days": {
			func() *http.Request { return metaPost(messageBody) },
			[]arrival{{0, 1}, {47 * time.Hour, 1}, {49 * time.Hour, 1}, {8*day - time.Hour, 1}, {9 * day, 2}},
		},
		"kirim retries for a day": {
			func() *http.Request { return kirimPost(nativeBody) },
			[]arrival{{0, 1}, {31 * time.Hour, 1}, {47 * time.Hour, 1}, {49 * time.Hour, 2}},
		},
		"meta's body by way of kirim": {
			func() *http.Request { return kirimPost(messageBody) },
			[]arrival{{0, 1}, {47 * time.Hour, 1}, {49 * time.Hour, 2}},
		},
		"standard's example takes 76 hours, and more with jitter": {
			func() *http.Request { return standardPost("msg_1", time.Now(), standardBody) },
			[]arrival{{0, 1}, {76 * time.Hour, 1}, {100 * time.Hour, 1}, {5*day - 1, 1}, {6 * day, 2}},
		},
		"kirisan, if it has a key": {
			func() *http.Request { return kirisanPost(kirisanBody) },
			[]arrival{{0, 1}, {47 * time.Hour, 1}, {49 * time.Hour, 2}},
		},
	} {
		for _, guard := range []string{"the default guard", "a store", "a guard that knows better"} {
			t.Run(fmt.Sprintf("%s, %s", name, guard), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					k := newRig(t, nil, func(c *receiver.Config) {
						c.Dialects = append(c.Dialects, receiver.Standard(keys(standardSecret)))
						c.Dialects[1] = keyed
						switch guard {
						case "the default guard":
							c.Dedupe = nil
						case "a guard that knows better":
							c.Dedupe = &dedupe.Guard{TTL: time.Hour}
						}
					})
					start := time.Now()
					for i, a := range test.arrivals {
						time.Sleep(a.at - time.Since(start))
						require.Equal(t, 200, k.serve(test.ask()).Code)
						want := a.runs
						if guard == "a guard that knows better" {
							want = i + 1
						}
						require.Equal(t, want, k.runs(), a.at)
					}
				})
			})
		}
	}
}
