package sendertest_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/sendertest"
)

func request(t testing.TB, ctx context.Context, url string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, "POST", url, strings.NewReader("hello"))
	require.NoError(t, err)
	return r
}

// answer is what a client can tell of an answer.
type answer struct {
	Status  string
	Headers string
	Body    string
	Failed  bool // no answer
	Cut     bool // the body broke off
}

func ask(t testing.TB, tr http.RoundTripper, url string) answer {
	resp, err := tr.RoundTrip(request(t, t.Context(), url))
	if err != nil {
		return answer{Failed: true}
	}
	defer resp.Body.Close()
	resp.Header.Del("Date") // a server adds these two
	resp.Header.Del("Content-Length")
	var headers strings.Builder
	require.NoError(t, resp.Header.Write(&headers))
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		body = nil // how much of it came before the cut is left to chance
	}
	return answer{Status: resp.Status, Headers: headers.String(), Body: string(body), Cut: err != nil}
}

// TestAsOverTheWire compares each reply in process with the same reply from net/http's server over a real connection.
func TestAsOverTheWire(t *testing.T) {
	replies := map[string]sendertest.Reply{
		"status":         sendertest.Status(418),
		"unknown status": sendertest.Status(599),
		"no content":     sendertest.Status(204),
		"body":           sendertest.Body(200, "hello"),
		"empty body":     sendertest.Body(500, ""),
		"long body":      sendertest.Body(200, strings.Repeat("long ", 100_000)),
		"retry after":    sendertest.RetryAfter(429, 1500*time.Millisecond),
		"retry at once":  sendertest.RetryAfter(503, 0),
		"redirect":       sendertest.Redirect(302, "https://elsewhere.test/?a=b"),
		"reset":          sendertest.Reset(),
		"delay":          sendertest.Delay(time.Millisecond, sendertest.Body(201, "late")),
		"nothing":        func(http.ResponseWriter, *http.Request) {},
		"second status":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(202); w.WriteHeader(500) },
		"informational":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(500) },
		"late header": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "a/b")
			w.WriteHeader(200)
			w.Header().Set("X-Late", "1")
		},
		"reset in buffer": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200); panic(http.ErrAbortHandler) },
		"reset after flush": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "a/b")
			_, _ = io.WriteString(w, "part")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
		"reset after much": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "a/b")
			_, _ = w.Write(make([]byte, 100_000))
			panic(http.ErrAbortHandler)
		},
		"echo": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "a/b")
			body, _ := io.ReadAll(r.Body)
			_, _ = io.WriteString(w, r.Method+r.RequestURI+r.URL.String()+r.Proto+string(body))
		},
	}
	for name, reply := range replies {
		t.Run(name, func(t *testing.T) {
			e := sendertest.NewEndpoint(t, reply)
			server := httptest.NewUnstartedServer(e)
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.Start()
			defer server.Close()
			want := ask(t, server.Client().Transport, server.URL+"/a%2Fb?c=d")
			e.URL = "https://host.test/a%2Fb?c=d"
			require.Equal(t, want, ask(t, sendertest.Transport(t, e), e.URL))
			e.RequireRequests(2)
		})
	}
}

func TestUnknownHost(t *testing.T) {
	s := watch(t, func(t testing.TB) {
		e := sendertest.NewEndpoint(t)
		_, err := sendertest.Transport(t, e).RoundTrip(request(t, t.Context(), "https://elsewhere.test/x"))
		require.ErrorContains(t, err, "elsewhere.test: no endpoint has this host")
		var op *net.OpError
		require.ErrorAs(t, err, &op)
		require.Empty(t, e.Requests())
	})
	require.Empty(t, s.failures)
	require.Len(t, s.logs, 1)
	require.Contains(t, s.logs[0], "elsewhere.test")
}

func TestTransportWantsHosts(t *testing.T) {
	for url, wrong := range map[string]string{
		"https://one.test/b": "two endpoints at host one.test",
		"https://ONE.test:1": "two endpoints at host one.test",
		"/path":              "not an absolute URL",
		"":                   "not an absolute URL",
		"https://%":          "not an absolute URL",
	} {
		s := watch(t, func(t testing.TB) {
			one, two := sendertest.NewEndpoint(t), sendertest.NewEndpoint(t)
			one.URL, two.URL = "https://one.test/a", url
			sendertest.Transport(t, one, two)
		})
		require.Len(t, s.failures, 1, url)
		require.Contains(t, s.failures[0], wrong)
	}
}

func TestResetIsAReset(t *testing.T) {
	e := sendertest.NewEndpoint(t, sendertest.Reset())
	_, err := sendertest.Transport(t, e).RoundTrip(request(t, t.Context(), e.URL))
	require.ErrorIs(t, err, syscall.ECONNRESET)
}

func TestHeadArrivesBeforeAReset(t *testing.T) {
	e := sendertest.NewEndpoint(t, func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	tr := sendertest.Transport(t, e)
	for range 1000 { // either may win the race between the two
		resp, err := tr.RoundTrip(request(t, t.Context(), e.URL))
		require.NoError(t, err)
		_, err = io.ReadAll(resp.Body)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	}
}

func TestSenderHangsUp(t *testing.T) {
	errWhy := errors.New("that is why")
	synctest.Test(t, func(t *testing.T) {
		gone := make(chan struct{}, 1)
		e := sendertest.NewEndpoint(t, func(w http.ResponseWriter, r *http.Request) {
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
			gone <- struct{}{}
		})
		tr := sendertest.Transport(t, e)

		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errWhy)
		_, err := tr.RoundTrip(request(t, ctx, e.URL))
		require.ErrorIs(t, err, errWhy, "before it sends")
		e.RequireNone()

		ctx, cancel = context.WithCancelCause(t.Context())
		resp, err := tr.RoundTrip(request(t, ctx, e.URL))
		require.NoError(t, err)
		time.AfterFunc(time.Second, func() { cancel(errWhy) })
		_, err = io.ReadAll(resp.Body)
		require.ErrorIs(t, err, errWhy, "while it reads")
		<-gone

		resp, err = tr.RoundTrip(request(t, t.Context(), e.URL))
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close(), "when it has had enough")
		<-gone
	})
}

// TestTimeoutIsNoReset covers replies that break the connection because the sender has.
func TestTimeoutIsNoReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := sendertest.NewEndpoint(t, sendertest.Hang(), sendertest.Drip(200, 1, time.Second))
		tr := sendertest.Transport(t, e)
		for range 100 {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			resp, err := tr.RoundTrip(request(t, ctx, e.URL))
			if err == nil {
				_, err = io.ReadAll(resp.Body)
			}
			require.ErrorIs(t, err, context.DeadlineExceeded)
			cancel()
		}
	})
}

func TestEndWaitsForReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cleared := false
		watch(t, func(t testing.TB) {
			e := sendertest.NewEndpoint(t, func(_ http.ResponseWriter, r *http.Request) {
				<-r.Context().Done()
				time.Sleep(time.Second)
				cleared = true
			})
			go func() { _, _ = sendertest.Transport(t, e).RoundTrip(request(t, t.Context(), e.URL)) }()
			e.RequireRequests(1)
		})
		require.True(t, cleared)
	})
}

func TestContextOfAReplyEndsWithIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var after context.Context
		e := sendertest.NewEndpoint(t, func(_ http.ResponseWriter, r *http.Request) { after = r.Context() })
		resp, err := sendertest.Transport(t, e).RoundTrip(request(t, t.Context(), e.URL))
		require.NoError(t, err)
		_, err = io.ReadAll(resp.Body)
		require.NoError(t, err, "the answer stays readable")
		synctest.Wait()
		require.Error(t, after.Err())
	})
}

func TestAfterTheTest(t *testing.T) {
	var e *sendertest.Endpoint
	var tr http.RoundTripper
	s := watch(t, func(t testing.TB) {
		e = sendertest.NewEndpoint(t)
		e.Trust(ours)
		tr = sendertest.Transport(t, e)
	})
	_, err := tr.RoundTrip(request(t, t.Context(), e.URL))
	require.ErrorContains(t, err, "the test is over")
	_, err = tr.RoundTrip(request(t, t.Context(), "https://elsewhere.test"))
	require.ErrorContains(t, err, "the test is over")
	_, err = sendertest.Transport(t, e).RoundTrip(request(t, t.Context(), e.URL))
	require.ErrorIs(t, err, syscall.ECONNRESET, "an endpoint of a test that is over")
	require.Empty(t, s.failures)
	require.Empty(t, e.Requests())
}

func TestBodyOfARequestThatBreaksOff(t *testing.T) {
	e := sendertest.NewEndpoint(t)
	body, w := io.Pipe()
	require.NoError(t, w.CloseWithError(io.ErrUnexpectedEOF))
	r, err := http.NewRequest("POST", e.URL, body)
	require.NoError(t, err)
	_, err = sendertest.Transport(t, e).RoundTrip(r)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Empty(t, e.Requests())
}
