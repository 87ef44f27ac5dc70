package receiver_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/receiver"
)

// answers has one case for each row of the table in the package comment, under the row's own words.
var answers = map[string]func(t *testing.T) *httptest.ResponseRecorder{
	"not POST, or GET without a dialect that has a handshake": func(t *testing.T) *httptest.ResponseRecorder {
		k := newRig(t, nil, dialects(receiver.Kirim(keys(kirimSecret))))
		return k.serve(httptest.NewRequest(http.MethodGet, "/", nil))
	},
	"GET handshake repeats the verify token": func(t *testing.T) *httptest.ResponseRecorder {
		return newRig(t, nil).serve(httptest.NewRequest(http.MethodGet,
			"/?hub.mode=subscribe&hub.challenge=challenge&hub.verify_token="+verifyToken, nil))
	},
	"GET handshake does not": func(t *testing.T) *httptest.ResponseRecorder {
		return newRig(t, nil).serve(httptest.NewRequest(http.MethodGet,
			"/?hub.mode=subscribe&hub.challenge=challenge&hub.verify_token=wrong", nil))
	},
	"body is compressed": rejects(func() *http.Request {
		return kirimPost(nativeBody, "Content-Encoding", "gzip")
	}),
	"body declared larger than MaxBody": rejects(func() *http.Request {
		r := kirimPost(nativeBody)
		r.ContentLength = 4<<20 + 1
		return r
	}),
	"marks of two dialects": rejects(func() *http.Request {
		return kirimPost(nativeBody, "X-Kirisan-Event", "incoming_message", "X-Webhook-Secret", kirisanSecret)
	}),
	"no mark of a configured dialect": rejects(func() *http.Request {
		return post(nativeBody, "X-Webhook-Secret", kirisanSecret)
	}),
	"a header of the dialect stands twice": rejects(func() *http.Request {
		return kirimPost(nativeBody, "X-Kirim-Attempt", "1", "X-Kirim-Attempt", "1")
	}),
	"body larger than MaxBody": rejects(func() *http.Request {
		r := kirimPost([]byte(strings.Repeat(" ", 4<<20+1)))
		r.ContentLength = -1
		return r
	}),
	"large body finds no room in MaxUnverified": func(t *testing.T) (w *httptest.ResponseRecorder) {
		k := newRig(t, nil, func(c *receiver.Config) { c.MaxBody, c.MaxUnverified = 1<<20, 1<<20 })
		held := newStalled(1 << 20)
		go k.serve(held.request())
		synctest.Wait()
		w = k.serve(kirimPost(large(1 << 20)))
		held.end()
		synctest.Wait()
		require.Zero(t, k.runs())
		require.Zero(t, k.store.calls.Load())
		return w
	},
	"body slower than ReadTimeout": func(t *testing.T) (w *httptest.ResponseRecorder) {
		k := newRig(t, nil)
		d := &deadlined{ResponseRecorder: httptest.NewRecorder()}
		r := kirimPost(nativeBody)
		r.Body = io.NopCloser(io.MultiReader(strings.NewReader("{"), d))
		start := time.Now()
		k.ServeHTTP(d, r)
		require.Equal(t, 5*time.Second, time.Since(start))
		require.Zero(t, k.store.calls.Load())
		return d.ResponseRecorder
	},
	"body cut short": rejects(func() *http.Request {
		r := kirimPost(nativeBody)
		r.Body = io.NopCloser(io.MultiReader(strings.NewReader("{"), broken{}))
		return r
	}),
	"not verified: missing, malformed, wrong, too old or new": rejects(func() *http.Request {
		return post(nativeBody, "X-Kirim-Signature", sign(kirimSecret, time.Now().Add(-301*time.Second), nativeBody))
	}),
	"body unreadable, or headers contradict it": rejects(func() *http.Request {
		return kirimPost(nativeBody, "X-Kirim-Event-Id", "evt_2")
	}),
	"event was handled before": func(t *testing.T) *httptest.ResponseRecorder {
		k := newRig(t, nil)
		require.Equal(t, 200, k.serve(kirimPost(nativeBody)).Code)
		w := k.serve(kirimPost(nativeBody))
		require.Equal(t, 1, k.runs())
		require.Equal(t, 1, k.dups)
		return w
	},
	"event is being handled, still after Guard.Wait": func(t *testing.T) *httptest.ResponseRecorder {
		release := make(chan struct{})
		k := newRig(t, receiver.HandlerFunc(func(context.Context, *receiver.Event) error { <-release; return nil }))
		go k.serve(kirimPost(nativeBody))
		synctest.Wait()
		w := k.serve(kirimPost(nativeBody))
		close(release)
		synctest.Wait()
		require.Equal(t, 1, k.runs())
		return w
	},
	"dedupe store is down, dialect retries": func(t *testing.T) *httptest.ResponseRecorder {
		k := newRig(t, nil)
		k.store.claimErr = errors.New("down")
		w := k.serve(kirimPost(nativeBody))
		require.Zero(t, k.runs())
		require.Len(t, k.failed, 1)
		require.ErrorIs(t, k.failed[0], k.store.claimErr)
		return w
	},
	"dedupe store is down, dialect is FailOpen": func(t *testing.T) *httptest.ResponseRecorder {
		d := receiver.Kirisan(keys(kirisanSecret))
		d.Key = func(ev envelope.Event) string { return string(ev.Body) }
		k := newRig(t, nil, dialects(d))
		k.store.claimErr = errors.New("down")
		w := k.serve(kirisanPost(kirisanBody))
		require.Equal(t, 1, k.runs())
		require.Len(t, k.failed, 1)
		require.Equal(t, 200, w.Code)
		return w
	},
	"handler returns nil":        handled(returns(nil)),
	"no function for the type":   handled(receiver.NewMux()),
	"handler returns Permanent":  handled(returns(receiver.Permanent(io.EOF))),
	"handler returns RetryAfter": handled(returns(receiver.RetryAfter(io.EOF, time.Minute))),
	"handler returns an error at or after its deadline": handled(receiver.HandlerFunc(func(
		ctx context.Context, _ *receiver.Event,
	) error {
		<-ctx.Done()
		return ctx.Err()
	})),
	"handler returns any other error": handled(returns(io.EOF)),
	"handler panics, or ends its goroutine": func(t *testing.T) (w *httptest.ResponseRecorder) {
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			w = handled(receiver.HandlerFunc(func(context.Context, *receiver.Event) error { runtime.Goexit(); return nil }))(t)
		}()
		<-ended
		require.Nil(t, w, "Goexit was stopped")
		return handled(receiver.HandlerFunc(func(context.Context, *receiver.Event) error { panic("boom") }))(t)
	},
	"body does not decode into its kind, no default": func(t *testing.T) *httptest.ResponseRecorder {
		m := receiver.NewMux()
		receiver.On(m, kirim.NewKind[int]("contact.created"),
			func(context.Context, *receiver.Event, int) error { return nil })
		return handled(m)(t)
	},
	"HTTP endpoint answers 2xx, or nothing but 1xx": func(t *testing.T) *httptest.ResponseRecorder {
		handled(receiver.HTTP(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))(t)
		handled(receiver.HTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103) })))(t)
		return handled(receiver.HTTP(status(202)))(t)
	},
	"HTTP endpoint answers 4xx or 5xx": func(t *testing.T) *httptest.ResponseRecorder {
		require.Equal(t, 502, handled(receiver.HTTP(status(502)))(t).Code)
		w := handled(receiver.HTTP(status(404)))(t)
		require.Equal(t, 404, w.Code)
		return w
	},
	"HTTP endpoint answers anything else": handled(receiver.HTTP(status(302))),
}

func TestAnswers(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	seen := 0
	for _, m := range regexp.MustCompile(`(?m)^//\t(\S.*?) {2,}(\S.*?) {2,}(\S.*)$`).FindAllStringSubmatch(string(text),
		-1) {
		condition, documented, then := m[1], m[2], m[3]
		if condition == "condition" {
			continue
		}
		seen++
		t.Run(condition, func(t *testing.T) {
			ask := answers[condition]
			require.NotNil(t, ask, "no case for this row of the table")
			synctest.Test(t, func(t *testing.T) { requireAnswer(t, ask(t), documented, then) })
		})
	}
	require.Len(t, answers, seen, "a case without a row in the table")
}

func requireAnswer(t *testing.T, w *httptest.ResponseRecorder, documented, then string) {
	t.Helper()
	if code, err := strconv.Atoi(documented[:3]); err == nil {
		require.Equal(t, code, w.Code)
	}
	require.Equal(t, strings.Contains(documented, "Retry-After"), w.Header().Get("Retry-After") != "")
	require.Equal(t, strings.Contains(documented, "Allow"), w.Header().Get("Allow") != "")
	require.Equal(t, strings.Contains(documented+then, "closes"), w.Header().Get("Connection") == "close")
	for name := range w.Header() {
		require.Contains(t, []string{"Content-Type", "Content-Length", "X-Content-Type-Options", "Retry-After", "Allow",
			"Connection"}, name)
	}
	body := http.StatusText(w.Code)
	switch documented {
	case "200, challenge":
		body = "challenge"
	case "403, no body":
		body = ""
	}
	require.Equal(t, body, w.Body.String())
	switch word, _, _ := strings.Cut(then, ";"); strings.TrimSuffix(word, ", no sooner") {
	case "is done":
		require.Equal(t, 200, w.Code)
	case "ends":
		require.True(t, w.Code/100 == 4 && w.Code != 408 && w.Code != 429)
	case "retries":
		require.True(t, w.Code/100 == 5 || w.Code == 408)
	case "is subscribed", "is not", "as below", "as the status says":
	default:
		t.Fatalf("unknown consequence %q", then)
	}
}

// rejects is a case of a request that must leave no trace but the reason.
func rejects(request func() *http.Request) func(*testing.T) *httptest.ResponseRecorder {
	return func(t *testing.T) *httptest.ResponseRecorder {
		k := newRig(t, nil)
		w := k.serve(request())
		require.Zero(t, k.runs())
		require.Zero(t, k.store.calls.Load(), "the dedupe store was asked")
		require.Len(t, k.rejected, 1)
		var rejection *receiver.Rejection
		require.ErrorAs(t, k.rejected[0], &rejection)
		require.Equal(t, w.Code, rejection.Status)
		return w
	}
}

// handled is a case of a genuine event that ends as next decides: committed for a 2xx, else released and run again.
func handled(next receiver.EventHandler) func(*testing.T) *httptest.ResponseRecorder {
	return func(t *testing.T) *httptest.ResponseRecorder {
		k := newRig(t, next)
		defer func() {
			require.Equal(t, 1, k.runs())
			require.Len(t, k.outcomes, 1)
		}()
		w := k.serve(kirimPost(nativeBody))
		require.Equal(t, w.Code, k.outcomes[0].Status)
		require.Equal(t, w.Code != 200, k.outcomes[0].Err != nil)
		if w.Code == 200 {
			require.EqualValues(t, 1, k.store.committed.Load())
		} else {
			require.EqualValues(t, 1, k.store.releases.Load())
		}
		return w
	}
}

func status(code int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		io.WriteString(w, "the endpoint's own words")
	})
}

// deadlined is a connection that has nothing more to read: its reads end at the deadline.
type deadlined struct {
	*httptest.ResponseRecorder
	at time.Time
}

func (d *deadlined) SetReadDeadline(t time.Time) error { d.at = t; return nil }

func (d *deadlined) Read([]byte) (int, error) {
	time.Sleep(time.Until(d.at))
	return 0, os.ErrDeadlineExceeded
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
