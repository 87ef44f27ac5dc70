package sender_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
)

// retryAfter reads the header by the grammar of RFC 9110, 10.2.3: digits, or one of the three forms of a date.
func retryAfter(value string, now time.Time) time.Duration {
	if value != "" && strings.Trim(value, "0123456789") == "" {
		digits := strings.TrimLeft(value, "0")
		if len(digits) > 7 {
			return 10_000_000 * time.Second
		}
		seconds := time.Duration(0)
		for _, d := range digits {
			seconds = seconds*10 + time.Duration(d-'0')
		}
		return seconds * time.Second
	}
	for _, layout := range []string{http.TimeFormat, time.RFC850, time.ANSIC} {
		if at, err := time.Parse(layout, value); err == nil {
			return at.Sub(now)
		}
	}
	return 0
}

// Whatever an endpoint asks for, the next attempt comes no earlier than the schedule says, no later than an hour above
// it, and in between exactly when asked.
func FuzzRetryAfter(f *testing.F) {
	for _, value := range []string{"", "0", "1", "10", "11", "3600", "3610", "3611", "86400", "-5", "+5", " 5", "5 ",
		"1.5", "5s", "٣",
		strings.Repeat("9", 400), "007", "Sat, 01 Jan 2000 00:05:00 GMT", "Saturday, 01-Jan-00 00:05:00 GMT",
		"Sat Jan  1 00:05:00 2000",
		"Fri, 31 Dec 1999 00:00:00 GMT", "Sat, 01 Jan 2000 00:05:00", "soon"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		const scheduled = 10 * time.Second
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, &farEnd{answer: func(n int, _ *http.Request) (*http.Response, error) {
				if n > 1 {
					return reply(200), nil
				}
				resp := reply(429)
				resp.Header["Retry-After"] = []string{value}
				return resp, nil
			}}, sender.Config{Contracts: []sender.Contract{acme()}})
			r.subscribe(t, "https://example.com/", "*")
			r.publish(t, envelope.Event{Source: "acme", Type: "a", Body: []byte("1")})
			time.Sleep(2 * time.Hour)
			got := r.far.requests()
			require.Len(t, got, 2)
			want := max(scheduled, min(retryAfter(value, got[0].at), scheduled+time.Hour))
			require.Equal(t, want, got[1].at.Sub(got[0].at).Round(time.Millisecond), "%q", value)
		})
	})
}

// notAlphanumeric is what servers that keep headers in environment variables cannot tell apart.
var notAlphanumeric = regexp.MustCompile(`[^a-z0-9]`)

// Whatever headers a subscription adds, each protocol header goes out once and says what the protocol says.
func FuzzHeaders(f *testing.F) {
	for _, name := range []string{"X-Team", "authorization", "x-acme-event", "X-ACME-SIGNATURE", "X_Acme_Event",
		"content-type", "Content-Length",
		"User-Agent", "Host", "Connection", "Transfer-Encoding", "te", "trailer", "Upgrade", "Expect", "Cookie",
		"Proxy-Authorization", "Forwarded",
		"Idempotency-Key", "X-Idempotency-Key", "X-Hub-Signature-256", "Webhook-Id", "X Team", "X-Team:", "", "X-\x00", "é",
		"X.Acme.Event", "x~acme~signature", "Content!Type"} {
		f.Add(name, "value", "X-Other", "b")
	}
	f.Add("X-A", "a\r\nX-Acme-Event: forged", "x-a", "b")
	f.Add("X-A", "a\r\nX-Acme-Event: forged", "X-B", "b")
	f.Add("X-A", "é", "X-B", "\x7f")
	f.Add("X-A", "a", "X-A", "b")
	f.Add("X-A", " a\t", "X-B", "")
	reserved := []string{"Host", "Connection", "Transfer-Encoding", "Content-Length", "Te", "Trailer", "Upgrade", "Expect",
		"Idempotency-Key", "X-Idempotency-Key", "Cookie"}
	f.Fuzz(func(t *testing.T, name, value, name2, value2 string) {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, statuses(200), sender.Config{Contracts: []sender.Contract{acme()}})
			headers := map[string]string{name: value, name2: value2} // one header if the names are equal, with the second value
			_, secret, err := r.org.Subscribe(t.Context(),
				sender.Subscription{URL: "https://example.com/", Events: []string{"*"}, Headers: headers})
			if err != nil {
				require.ErrorIs(t, err, sender.ErrInvalid)
				return
			}
			r.publish(t, envelope.Event{Source: "acme", Type: "a", Body: []byte("1")})
			synctest.Wait()
			got := r.far.requests()[0]
			want := map[string]string{"Content-Type": "application/json", "User-Agent": "kirimhooks/1.0", "X-Acme-Event": "a"}
			times := map[string]int{}
			for key, values := range got.header {
				times[notAlphanumeric.ReplaceAllString(strings.ToLower(key), "-")] += len(values)
				for _, v := range values {
					require.NotContains(t, v, "\n")
				}
			}
			for key, value := range want {
				require.Equal(t, 1, times[strings.ToLower(key)], key)
				require.Equal(t, value, got.header.Get(key))
			}
			require.Equal(t, 1, times["x-acme-signature"])
			for _, key := range reserved {
				require.Zero(t, times[strings.ToLower(key)], key)
			}
			for key, value := range headers {
				require.Equal(t, value, got.header.Get(key), "and what was asked for is sent")
			}
			signed := received{at: got.at, body: got.body,
				header: http.Header{"X-Kirim-Signature": got.header["X-Acme-Signature"]}}
			require.Equal(t, []string{secret.Reveal()}, signedBy(t, signed, secret.Reveal()))
		})
	})
}

// wanted says part by part whether a pattern means a type: "*" means all, a last part "*" one or more parts.
func wanted(pattern, eventType string) bool {
	want, have := strings.Split(pattern, "."), strings.Split(eventType, ".")
	for i, part := range want {
		if part == "*" && i == len(want)-1 {
			return len(have) > i
		}
		if i >= len(have) || have[i] != part {
			return false
		}
	}
	return len(want) == len(have)
}

func FuzzTopics(f *testing.F) {
	for _, pair := range [][2]string{{"*", "a"}, {"a.*", "a.b"}, {"a.*", "a"}, {"a.*", "ab.c"}, {"a.b.*", "a.b.c.d"},
		{"a", "a"}, {"a", "a.b"}, {"a.b", "a"},
		{"a..*", "a..b"}, {".", "."}, {"..*", "..a"}, {"a.*.c", "a.b.c"}, {"a*", "ab"}, {"**", "a"}, {"a|b", "a"},
		{"a.*", "a."}, {"*", "*"}, {"a.*", "a.*"}, {"", ""},
		{"*", strings.Repeat("a.", 63) + "a"}} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, pattern, eventType string) {
		s, err := sender.New(newHooked(), sender.Config{Contracts: []sender.Contract{acme()}, Transport: statuses(200)})
		require.NoError(t, err)
		_, _, err = s.Org("acme").Subscribe(t.Context(),
			sender.Subscription{URL: "https://example.com/", Events: []string{pattern}})
		if err != nil {
			require.ErrorIs(t, err, sender.ErrInvalid)
			return
		}
		receipt, err := s.Org("acme").Publish(t.Context(), envelope.Event{Source: "acme", Type: eventType, Body: []byte("1")})
		if err != nil {
			require.ErrorIs(t, err, sender.ErrInvalid)
			return
		}
		require.Equal(t, wanted(pattern, eventType), receipt.Deliveries == 1, "%q for %q", pattern, eventType)
	})
}
