package sendertest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/sendertest"
)

// attempts publishes one event to e, with Kirim's own schedule, lets d pass and returns the attempts made by then.
func attempts(t *testing.T, d time.Duration, e *sendertest.Endpoint, others ...*sendertest.Endpoint) []sender.Attempt {
	t.Helper()
	cfg := sender.Config{Contracts: []sender.Contract{sender.Kirim()}}
	org := sendertest.New(t, cfg, append(others, e)...).Org("acme")
	subscribe(t, org, e)
	require.NoError(t, publishContact(org))
	time.Sleep(d)
	list, err := org.Attempts(t.Context(), only(t, org).ID)
	require.NoError(t, err)
	return list
}

func TestRepliesAsSendersSeeThem(t *testing.T) {
	cases := []struct {
		name     string
		reply    sendertest.Reply
		status   int
		class    string
		response string
		took     time.Duration
	}{
		{"status", sendertest.Status(204), 204, "", "", 0},
		{"body", sendertest.Body(200, "thank you"), 200, "", "thank you", 0},
		{"long body", sendertest.Body(200, strings.Repeat("x", 1<<20)), 200, "", strings.Repeat("x", 1<<10), 0},
		{"delay", sendertest.Delay(3*time.Second, sendertest.Body(201, "slow")), 201, "", "slow", 3 * time.Second},
		{"delay past the time-out", sendertest.Delay(time.Minute, sendertest.Status(200)), 0, sender.ClassTimeout, "",
			10 * time.Second},
		{"hang", sendertest.Hang(), 0, sender.ClassTimeout, "", 10 * time.Second},
		{"reset", sendertest.Reset(), 0, sender.ClassConnect, "", 0},
		{"delayed reset", sendertest.Delay(time.Second, sendertest.Reset()), 0, sender.ClassConnect, "", time.Second},
		// The status has come, whatever becomes of the body.
		{"drip", sendertest.Drip(200, 100, 3*time.Second), 200, "", strings.Repeat(".", 300), 10 * time.Second},
		{"fast drip", sendertest.Drip(200, 1<<10, time.Millisecond), 200, "", strings.Repeat(".", 1<<10),
			80 * time.Millisecond},
		{"deaf", func(http.ResponseWriter, *http.Request) { time.Sleep(time.Minute) }, 0, sender.ClassTimeout, "",
			10 * time.Second},
		{"deaf after its head", func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			time.Sleep(time.Minute)
		}, 200, "", "", 10 * time.Second},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				list := attempts(t, 11*time.Second, sendertest.NewEndpoint(t, c.reply, sendertest.Hang()))
				require.NotEmpty(t, list)
				require.Equal(t, c.status, list[0].StatusCode)
				require.Equal(t, c.class, list[0].ErrorClass)
				require.Equal(t, c.response, list[0].Response)
				require.Equal(t, c.took, list[0].Duration)
			})
		})
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		elsewhere := sendertest.NewEndpoint(t)
		e := sendertest.NewEndpoint(t, sendertest.Redirect(307, elsewhere.URL))
		list := attempts(t, time.Second, e, elsewhere)
		require.Len(t, list, 1)
		require.Equal(t, 307, list[0].StatusCode)
		elsewhere.RequireNone()
	})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	for asked, honoured := range map[time.Duration]time.Duration{
		100 * time.Second:        100 * time.Second,
		99001 * time.Millisecond: 100 * time.Second,
	} {
		synctest.Test(t, func(t *testing.T) {
			e := sendertest.NewEndpoint(t, sendertest.RetryAfter(429, asked), sendertest.Status(200))
			require.Len(t, attempts(t, time.Hour, e), 2)
			requests := e.RequireRequests(2)
			require.Equal(t, honoured, requests[1].At.Sub(requests[0].At))
		})
	}
}

func TestOwnReply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bodies := make(chan string, 1)
		e := sendertest.NewEndpoint(t, func(w http.ResponseWriter, r *http.Request) {
			body := new(strings.Builder)
			_ = r.Write(body)
			bodies <- body.String()
			r.Header.Set("X-Changed", "by the reply")
		})
		list := attempts(t, time.Second, e)
		require.Equal(t, 200, list[0].StatusCode)
		r := e.RequireRequests(1)[0]
		require.Contains(t, <-bodies, string(r.Body))
		require.Empty(t, r.Header.Get("X-Changed"), "what came is what is kept")
	})
}

func TestPanickingReplyFailsTheTest(t *testing.T) {
	for what, reply := range map[string]sendertest.Reply{
		"a reply panicked: oh no":          func(http.ResponseWriter, *http.Request) { panic("oh no") },
		"a reply panicked: 7 is no status": sendertest.Status(7),
	} {
		s := watch(t, func(t testing.TB) {
			e := sendertest.NewEndpoint(t, reply)
			r, err := http.NewRequest("POST", e.URL, nil)
			require.NoError(t, err)
			_, err = sendertest.Transport(t, e).RoundTrip(r)
			require.Error(t, err)
		})
		require.Len(t, s.failures, 1)
		require.Contains(t, s.failures[0], what)
	}
}

// TestReplyThatEndsItsGoroutine covers require in a reply: FailNow there is wrong, but must not leave the sender
// waiting.
func TestReplyThatEndsItsGoroutine(t *testing.T) {
	s := watch(t, func(t testing.TB) {
		e := sendertest.NewEndpoint(t, func(http.ResponseWriter, *http.Request) { t.Fatal("unexpected request") })
		r, err := http.NewRequestWithContext(context.Background(), "POST", e.URL, nil)
		require.NoError(t, err)
		_, err = sendertest.Transport(t, e).RoundTrip(r)
		require.Error(t, err)
	})
	require.Equal(t, []string{"unexpected request"}, s.failures)
}
