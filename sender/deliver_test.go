package sender_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
)

// independentSignature is the wire rule in one line: HMAC-SHA256 of t, a dot and the body, keyed with the whole secret.
func independentSignature(secret, at string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(at + "." + string(body)))
	return hex.EncodeToString(mac.Sum(nil))
}

func TestDeliverySigned(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(204), sender.Config{})
		_, secret := r.subscribe(t, "https://example.com/hooks", "contact.*")
		ev := contactCreated(t)
		require.Equal(t, sender.Receipt{EventID: ev.ID, Deliveries: 1}, r.publish(t, ev))
		synctest.Wait()

		got := r.far.requests()
		require.Len(t, got, 1)
		h := got[0].header
		require.Equal(t, "https://example.com/hooks", got[0].url)
		require.Equal(t, []byte(ev.Body), got[0].body)
		require.Equal(t, "application/json", h.Get("Content-Type"))
		require.Equal(t, "Kirim-Webhook/1.0", h.Get("User-Agent"))
		require.Equal(t, "kirim", h.Get("X-Kirim-Source"))
		require.Equal(t, "contact.created", h.Get("X-Kirim-Event"))
		require.Equal(t, ev.ID, h.Get("X-Kirim-Event-Id"))
		require.Equal(t, "1", h.Get("X-Kirim-Attempt"))
		d := r.only(t)
		require.Equal(t, d.ID, h.Get("X-Kirim-Delivery-Id"))
		require.Regexp(t, `^wbd_[0-9A-HJKMNP-TV-Z]{26}$`, d.ID)
		require.Equal(t, sender.StateDelivered, d.State)
		at, v1, _ := strings.Cut(strings.TrimPrefix(h.Get("X-Kirim-Signature"), "t="), ",v1=")
		require.Equal(t, independentSignature(secret, at, got[0].body), v1)
	})
}

func TestRetryKeepsIDAndBodyAndSignsAfresh(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(503, 500, 200), sender.Config{})
		_, secret := r.subscribe(t, "https://example.com/hooks", "*")
		ev := contactCreated(t)
		r.publish(t, ev)
		time.Sleep(time.Hour)

		got := r.far.requests()
		require.Len(t, got, 3)
		signatures := map[string]bool{}
		for i, g := range got {
			require.Equal(t, []byte(ev.Body), g.body)
			require.Equal(t, ev.ID, g.header.Get("X-Kirim-Event-Id"))
			require.Equal(t, got[0].header.Get("X-Kirim-Delivery-Id"), g.header.Get("X-Kirim-Delivery-Id"))
			require.Equal(t, string(rune('1'+i)), g.header.Get("X-Kirim-Attempt"))
			at, v1, _ := strings.Cut(strings.TrimPrefix(g.header.Get("X-Kirim-Signature"), "t="), ",v1=")
			require.Equal(t, independentSignature(secret, at, g.body), v1)
			signatures[v1] = true
		}
		require.Len(t, signatures, 3, "every attempt is signed afresh")
		attempts := r.attempts(t, r.only(t).ID)
		require.Len(t, attempts, 3)
		require.Equal(t, []int{503, 500, 200}, []int{attempts[0].StatusCode, attempts[1].StatusCode, attempts[2].StatusCode})
		require.Equal(t, []int{1, 2, 3}, []int{attempts[0].N, attempts[1].N, attempts[2].N})
	})
}

// The default schedule: a first attempt and 8 retries over roughly 24 hours, each wait within ±20 %.
func TestKirimScheduleOverADay(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(500), sender.Config{})
		r.subscribe(t, "https://example.com/hooks", "*")
		began := time.Now()
		r.publish(t, contactCreated(t))
		time.Sleep(72 * time.Hour)

		got := r.far.requests()
		require.Len(t, got, 9)
		for i := 1; i < len(got); i++ {
			scheduled, ok := sender.KirimSchedule().Wait(i)
			require.True(t, ok)
			wait := got[i].at.Sub(got[i-1].at)
			require.InDelta(t, scheduled.Seconds(), wait.Seconds(), scheduled.Seconds()*0.2+0.001, "wait %d", i)
		}
		require.InDelta(t, 24, got[8].at.Sub(began).Hours(), 24*0.2)
		d := r.only(t)
		require.Equal(t, sender.StateDead, d.State)
		require.Equal(t, "exhausted: status 500", d.Reason)
		require.Equal(t, 9, d.Attempt)
	})
}

func TestJudgementOfAnswers(t *testing.T) {
	tests := []struct {
		name     string
		answer   func(int, *http.Request) (*http.Response, error)
		requests int
		state    sender.State
		reason   string
		class    string
	}{
		{"200", code(200), 1, sender.StateDelivered, "", ""},
		{"299", code(299), 1, sender.StateDelivered, "", ""},
		{"301 is not followed, and retried", code(301), 9, sender.StateDead, "exhausted: status 301", ""},
		{"304", code(304), 9, sender.StateDead, "exhausted: status 304", ""},
		{"400 is final", code(400), 1, sender.StateDead, "status 400", ""},
		{"401 is final", code(401), 1, sender.StateDead, "status 401", ""},
		{"408", code(408), 9, sender.StateDead, "exhausted: status 408", ""},
		{"410 is final", code(410), 1, sender.StateDead, "status 410", ""},
		{"429", code(429), 9, sender.StateDead, "exhausted: status 429", ""},
		{"503", code(503), 9, sender.StateDead, "exhausted: status 503", ""},
		{"no answer in time", func(_ int, r *http.Request) (*http.Response, error) { return hang(r) }, 9, sender.StateDead,
			"exhausted: timeout", sender.ClassTimeout},
		{"no connection", func(int, *http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
		}, 9, sender.StateDead, "exhausted: connect", sender.ClassConnect},
		{"no such host", func(int, *http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "example.com", IsNotFound: true}}
		}, 9, sender.StateDead, "exhausted: dns", sender.ClassDNS},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				r := newRig(t, &farEnd{answer: tt.answer}, sender.Config{})
				r.subscribe(t, "https://example.com/hooks", "*")
				r.publish(t, contactCreated(t))
				time.Sleep(48 * time.Hour)
				require.Len(t, r.far.requests(), tt.requests)
				d := r.only(t)
				require.Equal(t, tt.state, d.State)
				require.Equal(t, tt.reason, d.Reason)
				require.Equal(t, tt.class, r.attempts(t, d.ID)[0].ErrorClass)
			})
		})
	}
}

// The whole range of statuses, 0 being no answer: what one means does not depend on the examples above.
func TestEveryStatus(t *testing.T) {
	success := func(c int) bool { return c >= 200 && c <= 299 }
	final := func(c int) bool { return c >= 400 && c <= 499 && c != 408 && c != 429 }
	kirim, kirisan := sender.Kirim(), sender.Kirisan()
	for c := range 1000 {
		want := sender.Retry
		switch {
		case success(c):
			want = sender.Delivered
		case final(c):
			want = sender.Dead
		}
		require.Equal(t, want, kirim.Classify(sender.Result{StatusCode: c}).Judgement, c)
		want = sender.Dead
		if c == 200 || c == 201 {
			want = sender.Delivered
		}
		require.Equal(t, want, kirisan.Classify(sender.Result{StatusCode: c}).Judgement, c)
	}
	// A contract without a judgement of its own has the one of Standard Webhooks.
	for c := 100; c < 1000; c++ {
		bubble(t, func(t *testing.T) {
			r := newRig(t, statuses(c), sender.Config{Contracts: []sender.Contract{acme()}})
			sub, _ := r.subscribe(t, "https://example.com/", "*")
			r.publish(t, envelope.Event{Source: "acme", Type: "a", Body: []byte("1")})
			synctest.Wait()
			want := sender.StatePending
			switch {
			case success(c):
				want = sender.StateDelivered
			case final(c):
				want = sender.StateDead
			}
			require.Equal(t, want, r.only(t).State, c)
			require.Equal(t, c == 410, r.status(t, sub.ID) == sender.StatusDisabled, c)
		})
	}
}

func code(c int) func(int, *http.Request) (*http.Response, error) {
	return func(int, *http.Request) (*http.Response, error) { return reply(c), nil }
}

func TestAttemptTimesOutAfterTenSeconds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, &farEnd{answer: func(n int, req *http.Request) (*http.Response, error) {
			if n == 1 {
				return hang(req)
			}
			return reply(200), nil
		}}, sender.Config{})
		r.subscribe(t, "https://example.com/hooks", "*")
		r.publish(t, contactCreated(t))
		time.Sleep(time.Minute)
		attempts := r.attempts(t, r.only(t).ID)
		require.Len(t, attempts, 2)
		require.Equal(t, 10*time.Second, attempts[0].Duration)
	})
}

func TestRetryAfter(t *testing.T) {
	tests := []struct {
		name, value string
		least, most time.Duration // wait before the second attempt, scheduled at 10 s ± 20 %
	}{
		{"absent", "", 8 * time.Second, 12 * time.Second},
		{"shorter than the schedule", "1", 8 * time.Second, 12 * time.Second},
		{"seconds", "600", 10 * time.Minute, 10 * time.Minute},
		{"at most an hour above the schedule", "86400", time.Hour + 10*time.Second, time.Hour + 10*time.Second},
		{"huge", strings.Repeat("9", 400), time.Hour + 10*time.Second, time.Hour + 10*time.Second},
		{"date", "Sat, 01 Jan 2000 00:05:00 GMT", 5 * time.Minute, 5 * time.Minute}, // a bubble begins in 2000
		{"date in the past", "Fri, 31 Dec 1999 00:00:00 GMT", 8 * time.Second, 12 * time.Second},
		{"negative", "-5", 8 * time.Second, 12 * time.Second},
		{"nonsense", "soon", 8 * time.Second, 12 * time.Second},
		{"fraction", "1.5", 8 * time.Second, 12 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				r := newRig(t, &farEnd{answer: func(n int, _ *http.Request) (*http.Response, error) {
					if n > 1 {
						return reply(200), nil
					}
					resp := reply(429)
					resp.Header.Set("Retry-After", tt.value)
					return resp, nil
				}}, sender.Config{})
				r.subscribe(t, "https://example.com/hooks", "*")
				r.publish(t, contactCreated(t))
				time.Sleep(24 * time.Hour)
				got := r.far.requests()
				require.Len(t, got, 2)
				wait := got[1].at.Sub(got[0].at)
				require.GreaterOrEqual(t, wait, tt.least)
				require.LessOrEqual(t, wait, tt.most+time.Millisecond)
			})
		})
	}
}
